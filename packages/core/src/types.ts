import type { StreamError } from './errors.ts'

/** One dispatched record of an event stream, under the names of the DOM's `MessageEvent`. */
export interface ServerSentEvent {
  /** The `event` field, `"message"` when the server named none. */
  readonly type: string
  /** The `data` lines, joined with LF. */
  readonly data: string
  /** The last `id` the server sent, on this event or an earlier one; `""` when none. */
  readonly lastEventId: string
}

export interface EventParserOptions {
  /** Called for every event, in order, while its blank line is being read. */
  readonly onEvent: (event: ServerSentEvent) => void
  /** Called with each valid `retry` field, in milliseconds. */
  readonly onRetry?: ((milliseconds: number) => void) | undefined
  /** Called with each comment, without its colon and one leading space. Providers send them as signs of life. */
  readonly onComment?: ((comment: string) => void) | undefined
  /**
   * The most that is held for one event: the UTF-8 bytes of its data so far and of the line in progress.
   * Default 16 MiB. An event over it is a `limit` error, whether it came at once or byte by byte.
   */
  readonly maxEventBytes?: number | undefined
  /** The id that events have until the body sends one: the last one of the stream that is resumed. Default `""`. */
  readonly lastEventId?: string | undefined
}

export interface EventParser {
  /** Reads the next bytes of the body and dispatches every event that they complete. */
  push(chunk: Uint8Array): void
  /**
   * Ends the body; the parser is of no further use. Returns the event that the body broke off in, if it had any
   * data: undispatched, since WHATWG discards it, and so should you unless its data is whole by itself.
   */
  end(): ServerSentEvent | undefined
  /** The id to resume after: that of the last *dispatched* block, one with an id and no data included. */
  readonly lastEventId: string
}

/** What makes events of bytes: an event stream's or JSON's. */
export type CreateParser = (options: EventParserOptions) => EventParser

/** Bytes as fetch gives them (`response.body`), or any async iterable of byte arrays, a Node stream included. */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export interface ReadEventsOptions extends Omit<EventParserOptions, 'onEvent'> {
  /** Cancels the body and ends the loop by throwing `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** Why the model stopped. `length` is its token limit, `content-filter` also a refusal by the provider. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'aborted' | 'other'

/** Token counts as billed. Input and output are totals: cached input and reasoning are contained in them. */
export interface Usage {
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly totalTokens?: number | undefined
  readonly cachedInputTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  /** What the provider itself says the answer cost, in its own currency (OpenRouter: US dollars). */
  readonly cost?: number | undefined
  /** The provider's own object, untouched. */
  readonly raw: unknown
}

/**
 * What a provider needs to get back with a part when the conversation goes on, under the provider's name: a thinking
 * signature as `{ anthropic: { signature } }`. Opaque; `toRequest` knows what to do with it.
 */
export type ProviderMetadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What an answer rests on: a page, or a document of the caller's. One of `url` and `id` is there. */
export interface Source {
  readonly url?: string | undefined
  /** The provider's own name for it: a file's id, a document's. */
  readonly id?: string | undefined
  readonly title?: string | undefined
  /** The words that are cited. */
  readonly snippet?: string | undefined
  readonly mediaType?: string | undefined
}

/** One normalised increment of an answer. `part` is the index of the message part that it grows. */
export type MessageDelta =
  | {
      readonly type: 'start'
      readonly id?: string | undefined
      readonly model?: string | undefined
      readonly dialect: string
    }
  | {
      readonly type: 'text-delta' | 'reasoning-delta' | 'refusal-delta'
      readonly part: number
      readonly delta: string
    }
  | {
      readonly type: 'tool-input-start'
      readonly part: number
      readonly toolCallId: string
      readonly toolName: string
      readonly providerExecuted?: boolean | undefined
    }
  | { readonly type: 'tool-input-delta'; readonly part: number; readonly delta: string }
  | {
      readonly type: 'tool-input-available'
      readonly part: number
      /** The parsed arguments; the raw text when they are not JSON, with `invalid` set. */
      readonly input: unknown
      readonly invalid?: boolean | undefined
    }
  | {
      readonly type: 'tool-output'
      readonly toolCallId: string
      /** What the tool gave, in its own shape; of an error, its words. */
      readonly output: unknown
      readonly isError?: boolean | undefined
    }
  | { readonly type: 'source'; readonly source: Source }
  | {
      readonly type: 'file'
      /** An address, or the file itself as a `data:` URL. From a model: hostile until proven otherwise. */
      readonly url: string
      readonly mediaType: string
      readonly filename?: string | undefined
    }
  | {
      /** Something of the application's own. */
      readonly type: 'data'
      readonly name: string
      /** Data of the same name and id takes the place of what was there. */
      readonly id?: string | undefined
      readonly data: unknown
      /** It is news, and stays out of the message. */
      readonly transient?: boolean | undefined
    }
  | {
      readonly type: 'part-metadata'
      readonly part: number
      readonly providerMetadata: ProviderMetadata
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'finish'
      readonly finishReason: FinishReason
      readonly rawFinishReason?: string | undefined
    }
  | { readonly type: 'error'; readonly error: StreamError }

interface PartBase {
  readonly providerMetadata?: ProviderMetadata | undefined
}

/** Empty text with `providerMetadata` is reasoning that the provider keeps to itself. */
export interface TextPart extends PartBase {
  readonly type: 'text' | 'reasoning' | 'refusal'
  readonly text: string
}

export interface ToolPart extends PartBase {
  readonly type: 'tool'
  readonly toolCallId: string
  readonly toolName: string
  readonly state: 'input-streaming' | 'input-available' | 'output-available' | 'output-error'
  /** The arguments as they were sent, so far. */
  readonly inputText: string
  /**
   * What the arguments are so far, as well as can be said while they come: `{"city":"Par` is `{ city: 'Par' }`.
   * Missing when there is nothing yet, and once `input` is there.
   */
  readonly partialInput?: unknown
  /** The parsed arguments, once they are complete. */
  readonly input?: unknown
  /** The arguments were not JSON; `input` is their text. */
  readonly invalid?: boolean | undefined
  /** The provider runs the tool itself; do not run it. */
  readonly providerExecuted?: boolean | undefined
  /** What the tool gave: of a tool that the provider or your server ran, or set by you before the next request. */
  readonly output?: unknown
  /** The tool failed; `output` says how. */
  readonly isError?: boolean | undefined
}

export interface SourcePart extends PartBase {
  readonly type: 'source'
  readonly source: Source
}

export interface FilePart extends PartBase {
  readonly type: 'file'
  /** An address, or the file itself as a `data:` URL. */
  readonly url: string
  readonly mediaType: string
  readonly filename?: string | undefined
}

export interface DataPart extends PartBase {
  readonly type: 'data'
  readonly name: string
  readonly id?: string | undefined
  readonly data: unknown
}

export type Part = TextPart | ToolPart | SourcePart | FilePart | DataPart

/** An answer, whole or so far. A value: what you were given does not change, a later one replaces it. */
export interface Message {
  readonly id: string
  readonly role: 'assistant' | 'user' | 'system'
  readonly parts: readonly Part[]
  /** `done` only when the provider ended the answer itself; what broke off is `error`, what you stopped `aborted`. */
  readonly status: 'streaming' | 'done' | 'aborted' | 'error'
  readonly finishReason?: FinishReason
  /** The provider's own word for it. */
  readonly rawFinishReason?: string | undefined
  readonly usage?: Usage
  readonly error?: StreamError | undefined
  readonly model?: string
}

/** What a dialect writes to. It counts the parts, so that each delta reaches its own; wrong types count as empty. */
export interface DeltaWriter {
  /** Says what the message is called, once; without it the first delta says that it begins. */
  start(id?: unknown, model?: unknown): void
  /**
   * Grows a part of this kind: the one of this key, else the last one if it is of this kind, else a new one.
   * Nothing happens for an empty delta.
   */
  text(type: TextPart['type'], delta: unknown, key?: unknown): void
  /** Begins a tool call. A key that is known already is the same call. Returns its id, made up if there is none. */
  tool(key: unknown, id: unknown, name: unknown, providerExecuted?: boolean): string
  /** Grows the arguments of a tool call. */
  toolInput(key: unknown, delta: unknown): void
  /** Ends the arguments of a tool call: with these, else with what came of them, read as JSON. */
  toolEnd(key: unknown, input?: unknown): void
  /** What a tool gave that ran elsewhere, by its call's id. */
  toolOutput(toolCallId: string, output: unknown, isError?: boolean): void
  /** Each source is told once; what is no text or empty in it is left out. */
  source(source: { readonly [K in keyof Source]?: unknown }): void
  file(url: unknown, mediaType: unknown, filename?: unknown): void
  data(name: string, data: unknown, id?: string, transient?: boolean): void
  /** To give back with a part later on: of the part of this kind and key, which begins with it if need be. */
  metadata(type: TextPart['type'] | 'tool', key: unknown, metadata: ProviderMetadata): void
  /** The last one counts. What is no number is left out; the total is the sum if it is not given. */
  usage(usage: { readonly [K in keyof Usage]?: unknown }): void
  /** Why the model stopped, in the provider's word or ours; ends the calls that are open. Said again it is not told
   * again; another one takes its place. */
  finish(raw: unknown, reason?: FinishReason, cause?: unknown): void
  /** Ends the message as failed, with the error in the provider's record. */
  fail(cause: unknown): void
  /** Nothing that follows is read. Without it, the stream goes on until `[DONE]` or the body's end. */
  end(): void
}

/** How one provider's records become deltas. Stateless; `open` makes the state of one message. */
export interface Dialect {
  /** For instance `"openai-chat"`; it stands in the `start` delta. */
  readonly name: string
  /**
   * Whether these are the records of this protocol, judged by one of the first. For a dialect of your own; those of
   * this package are told apart together.
   */
  readonly detect?: ((record: Record<string, unknown>, event: ServerSentEvent) => boolean) | undefined
  /** `false`: events are text; nothing is parsed, and `readText` gets them all. */
  readonly json?: boolean | undefined
  /** A list is a record. Without this each of its elements is one. */
  readonly lists?: boolean | undefined
  /** The body's clean end is the message's, as nothing in it says so. Without this it needs a finish reason or `[DONE]`. */
  readonly endsAtClose?: boolean | undefined
  open(write: DeltaWriter): DialectReader
}

export interface DialectReader {
  /** One record: the parsed JSON object of one event, or list where those are records. */
  read(record: Record<string, unknown>, event: ServerSentEvent): void
  /** An event that is a JSON string, or any event when `json` is `false`. Without it these are skipped. */
  readText?(text: string, event: ServerSentEvent): void
  /** The stream has ended well: what is left to write. */
  end?(): void
}

/** All times in milliseconds. */
export interface StreamMetrics {
  /** From the call to the headers of the first good answer. */
  readonly timeToHeadersMs?: number | undefined
  readonly timeToFirstEventMs?: number | undefined
  /** From the call to the first text, reasoning, refusal or tool input. */
  readonly timeToFirstTokenMs?: number | undefined
  /** The longest wait between two chunks, over all attempts. */
  readonly longestGapMs: number
  /** From the call until now, or until the stream ended. */
  readonly durationMs: number
  /** Bytes of the body, decompressed. */
  readonly bytes: number
  readonly events: number
  /** Requests that were made for the stream. */
  readonly attempts: number
  /** The stream broke and went on. */
  readonly resumed: boolean
  /** Output tokens: the provider's own count once it is known, until then one for each delta. */
  readonly outputTokens: number
  /** `outputTokens` over the time from the first to the last token; missing until two tokens came. */
  readonly tokensPerSecond?: number | undefined
  /** The provider has not said how many tokens there were; they are counted by deltas. */
  readonly estimated: boolean
}

/** Limits in milliseconds, each `0` or `Infinity` for none. Any byte counts as life, comments included. */
export interface StreamTimeout {
  /** From the request to the response's headers. Default 30,000. */
  readonly connect?: number | undefined
  /** Without a byte, before the first event. Default 120,000. */
  readonly firstEvent?: number | undefined
  /** Without a byte, after the first event. Default 60,000. */
  readonly idle?: number | undefined
}

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** When a request that failed is sent again, or a stream that broke resumed. Times in milliseconds. */
export interface RetryOptions {
  /** Further attempts without progress; each new id gives them back. Default 3. */
  readonly limit?: number | undefined
  /** The wait before the first of them is random between 0 and this; it doubles with each. Default 500. */
  readonly baseMs?: number | undefined
  /** Where the doubling ends. Default 8,000. */
  readonly maxMs?: number | undefined
  /** The most that a server's `Retry-After` or `retry:` may ask for. Default 60,000. */
  readonly maxRetryAfterMs?: number | undefined
}

/** An attempt that is about to be made. */
export interface Attempt {
  /** From 1. */
  readonly number: number
  /** It goes on with a stream that broke; else it sends the request itself. */
  readonly resuming: boolean
  /** Milliseconds until it is made. `undefined`: as soon as the browser is online. */
  readonly delayMs: number | undefined
  /** Why the one before failed. */
  readonly error?: StreamError | undefined
}

/** A `RequestInit`, and what a stream needs beyond it. */
export interface StreamInit extends Omit<RequestInit, 'headers' | 'body' | 'signal'> {
  /** A function is called for every attempt, and may be async: a place for a fresh token. */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined
  /** A plain object or array is sent as JSON, with `content-type: application/json` and as a POST. */
  readonly body?: BodyInit | object | null | undefined
  /** Node wants `'half'` with a body that is a stream. */
  readonly duplex?: 'half' | undefined
  readonly signal?: AbortSignal | null | undefined
  /** Instead of the global fetch. */
  readonly fetch?: Fetch | undefined
  /** `false`: one attempt, whatever happens. */
  readonly retry?: RetryOptions | false | undefined
  readonly timeout?: StreamTimeout | undefined
  readonly maxEventBytes?: number | undefined
  /**
   * What makes events of the bytes. Default: `createEventParser`, or for a JSON content type `createJsonParser`,
   * which is imported then. With a parser given, any content type but HTML is read.
   */
  readonly parser?: CreateParser | undefined
  /**
   * Sent as `Idempotency-Key` with each attempt of the request. Default: a random one unless it is a GET, but only
   * same-origin and outside browsers, as other servers would have to allow the header; `false`: none. A POST whose headers do not come in
   * time is sent again only with a key of your own: it says that your server knows what to do with it.
   */
  readonly idempotencyKey?: string | false | undefined
  /** Called when the headers of a good answer are in, on every attempt. */
  readonly onOpen?: ((response: Response) => void) | undefined
  /** Called before each attempt, and before the wait for it. */
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined
}

/** What {@link streamEvents} takes. */
export interface StreamEventsInit extends StreamInit {
  /**
   * Whether this event ends the stream well (`({ data }) => data === '[DONE]'`); asked after the event was taken.
   * With it, a body that ends earlier is a break. Without it, every clean end is the end.
   */
  readonly isLast?: ((event: ServerSentEvent) => boolean) | undefined
}

/** Events over all attempts. */
export interface EventStream extends AsyncGenerator<ServerSentEvent, void, undefined> {
  readonly metrics: StreamMetrics
}

/** Changes deltas on their way into the message. */
export interface DeltaTransform {
  /** The deltas in place of this one. Their parts must be counted anew if there are more or fewer of them. */
  read(delta: MessageDelta): readonly MessageDelta[]
  /** The deltas left at the end, well or not. */
  end(): readonly MessageDelta[]
}

/** What {@link streamMessage} takes. */
export interface StreamMessageInit extends StreamInit {
  /**
   * The protocol of the answer. Default `'auto'`: told by the first records. What is then needed is imported, but for
   * OpenAI Chat, which is built in, and `dialects`.
   */
  readonly dialect?: Dialect | 'auto' | undefined
  /**
   * Dialects that need not be imported, for service workers and pages of one file; also dialects of your own with
   * `detect`, which are asked first.
   */
  readonly dialects?: readonly Dialect[] | undefined
  /** Stands between the dialect and the message: `extractThinking()`, for instance. Called once for a stream. */
  readonly transform?: (() => DeltaTransform) | undefined
  /**
   * Called with each delta in the moment it joins the message. Takes the place of a loop: the stream runs freely,
   * and a loop over it gets only what comes after the loop began.
   */
  readonly onDelta?: ((delta: MessageDelta) => void) | undefined
}

/** A running answer. */
export interface MessageStream extends AsyncIterable<MessageDelta> {
  /** The answer so far, also after an error or an abort. */
  readonly message: Message
  readonly metrics: StreamMetrics
  /**
   * Resolves with the whole message, or rejects with what the loop throws. Touching it lets the stream run
   * without a loop; leaving it alone is never an unhandled rejection.
   */
  readonly finished: Promise<Message>
  /** Ends the request, and tells a relay to stop. The loop and `finished` throw `reason`, by default an `AbortError`. */
  abort(reason?: unknown): void
}
