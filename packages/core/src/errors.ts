/**
 * What went wrong, as a value to decide by:
 *
 * - `http` the server answered with a status other than 2xx
 * - `content-type` the answer is no event stream (an HTML page, for instance)
 * - `network` no answer came: offline, DNS, TLS, CORS, a refused connection
 * - `timeout` no headers, no first event or no further byte in time
 * - `incomplete` the stream broke off, or ended without its terminator or a finish reason
 * - `limit` an event is larger than `maxEventBytes`
 * - `provider` the provider reported an error inside the stream
 * - `protocol` the stream is not what its dialect promises
 * - `gone` the server no longer has the stream that was to be resumed
 */
export type StreamErrorCode =
  'http' | 'content-type' | 'network' | 'timeout' | 'incomplete' | 'limit' | 'provider' | 'protocol' | 'gone'

/** What is known about an error besides its code and message. */
export interface StreamErrorDetails {
  /** The HTTP status, when headers came. */
  readonly status?: number | undefined
  /** The provider's own error code or type, as it was sent (`"rate_limit_exceeded"`). */
  readonly providerCode?: string | undefined
  /** The beginning of the body of an answer that was refused, at most 2,000 characters. Hostile text. */
  readonly body?: string | undefined
  /** Whether the same request may succeed later. A stream that had begun is never retryable. */
  readonly retryable?: boolean
  /** The server's `Retry-After` in milliseconds from when the answer came. */
  readonly retryAfterMs?: number | undefined
  /** The id of the last event that was dispatched, `""` when there was none. */
  readonly lastEventId?: string
  readonly cause?: unknown
}

/** The one error of this package; decide by `code`, show `message`. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  declare readonly code: StreamErrorCode
  declare readonly status: number | undefined
  declare readonly providerCode: string | undefined
  declare readonly body: string | undefined
  declare readonly retryable: boolean
  declare readonly retryAfterMs: number | undefined
  declare readonly lastEventId: string

  constructor(code: StreamErrorCode, message: string, details: StreamErrorDetails = {}) {
    super(message, details)
    Object.assign(this, { code, retryable: false, lastEventId: '' }, details)
  }
}
