import type { Message, MessageDelta, StreamMessageInit, StreamMetrics } from '@rivulet/core'
import type { ReadableAtom } from 'nanostores'
import type { Prompt } from './chat-request.ts'
import type { Schedule } from './schedule.ts'

/**
 * `idle` before the first `send`; `connecting` until the answer's headers are in; `streaming` while it comes;
 * `reconnecting` while a lost connection is being resumed; `done` when the model ended it; `aborted` after
 * `stop()`; `error` with `$error` set. A partial answer stays in all of them.
 */
export type StreamStatus = 'idle' | 'connecting' | 'streaming' | 'reconnecting' | 'done' | 'aborted' | 'error'

/** What `createStream` takes: the request's options, and how input becomes its body. */
export interface StreamOptions<Input = Prompt> extends Omit<
  StreamMessageInit,
  'body' | 'signal' | 'onDelta'
> {
  /** Where requests go: your relay or proxy, `"/v1/chat/completions"` for instance. */
  readonly url: string | URL
  /** The model to name in the default request. */
  readonly model?: string | undefined
  /**
   * The body to send for an input. A plain object is sent as JSON. Default: an OpenAI Chat Completions request
   * with the input as its user message, or as its messages if it is a list of them.
   */
  readonly request?: ((input: Input) => object | BodyInit) | undefined
  /** When listeners hear of new deltas. Default: once an animation frame. */
  readonly schedule?: Schedule | undefined
}

/** The state of one answer at a time, as nanostores atoms. */
export interface StreamStore<Input = Prompt> {
  readonly $status: ReadableAtom<StreamStatus>
  /** The answer so far; undefined from each `send` until its answer begins or fails. Each value is immutable. */
  readonly $message: ReadableAtom<Message | undefined>
  /** The text of the answer so far: its text parts, joined. */
  readonly $text: ReadableAtom<string>
  /** Why `$status` is `error`: a `StreamError`, or what a function of the options threw. */
  readonly $error: ReadableAtom<Error | undefined>
  readonly $metrics: ReadableAtom<StreamMetrics | undefined>
  /**
   * Asks. What is still running is stopped first, and nothing of it shows any more. Resolves with the message
   * when it has ended, however it ended, and after the atoms show it; never rejects.
   */
  send(input: Input): Promise<Message>
  /** Ends the running answer and keeps what came of it. Nothing happens when none is running. */
  stop(): void
  /** Sends the last input again, as a new request. Resolves with undefined when nothing was sent yet. */
  retry(): Promise<Message | undefined>
  /**
   * Taps the deltas: each one, in order, in the frame that also sets the atoms, before these. With what the atoms
   * show when you subscribe, they make the whole answer. Returns the undo.
   */
  onDelta(listener: (delta: MessageDelta) => void): () => void
}
