/** One prepared answer of the demonstration model, found by its prompt. */
export interface Answer {
  /** The prompt that asks for it, compared without regard to case, spacing and closing punctuation. */
  readonly prompt: string
  /** What it shows, in one or two words, for the suggestion's button. */
  readonly shows: string
  /** Where the page lists it: an answer to read, or trouble made on purpose. Default: `'answer'`. */
  readonly group?: 'answer' | 'trouble'
  /** What the model thinks before it answers. */
  readonly reasoning?: string
  /** The answer itself, as plain text. */
  readonly text: string
  /** Tools the model asks for after the text. */
  readonly toolCalls?: readonly AnswerToolCall[]
  /** How fast it comes; see {@link Pace} for the defaults. */
  readonly pace?: Partial<Pace>
  /** Reset the connection after the last piece of text instead of ending well. Default: false. */
  readonly breaksOff?: boolean
  /** Answer with this error instead of a stream. */
  readonly error?: AnswerError
}

/** A call the demonstration model makes; `input` is sent as JSON in pieces. */
interface AnswerToolCall {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

/** The pace of an answer; one piece stands for one token. */
export interface Pace {
  /** Milliseconds from the request to the first piece. Default: 380. */
  readonly firstPieceMs: number
  /** Pieces a second after that. Default: 45. */
  readonly piecesPerSecond: number
  /** UTF-16 units in a piece. Default: 4, about one English token. */
  readonly unitsPerPiece: number
}

/** An HTTP error in the shape of OpenAI's. */
export interface AnswerError {
  readonly status: number
  readonly message: string
  readonly type: string
  readonly code: string
  /** Seconds in `Retry-After`; sent with a 429 only. */
  readonly retryAfter?: number
  /** Refuse every other request only, so that asking again succeeds with the answer's text. Default: false. */
  readonly everyOther?: boolean
}
