import type { StreamError } from './errors.ts'
import type { RetryOptions } from './types.ts'

/**
 * `Retry-After` in milliseconds from `now`: seconds, or an HTTP date (RFC 9110, 10.2.3). Undefined when it is
 * missing or neither.
 */
export function parseRetryAfter(value: string | null, now: number = Date.now()): number | undefined {
  const seconds = Number(value?.trim() || NaN)
  if (seconds >= 0) return seconds * 1000
  const date = Date.parse(value ?? '')
  return date ? Math.max(0, date - now) : undefined
}

/** Whether a request that was answered with `status` may succeed later as it is. */
export function isRetryableStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500
}

/** Where an attempt failed: before the headers of the request itself or of a resume, or after the headers. */
export type Phase = 'request' | 'resume' | 'answer'

/** What is known of the stream whose attempt failed. */
export interface Repeatability {
  /** An id was dispatched, and there is somewhere to resume from. */
  readonly resumable: boolean
  /** The body can be sent again: it is no stream, and no Request's. */
  readonly replayable: boolean
  /** A server that is at work already does no harm when it is asked again: a GET, or a key it knows. */
  readonly safe: boolean
}

/** Whether another attempt may follow one that failed with `error`; the table is in docs/retries.md. */
export function mayTryAgain(error: StreamError, phase: Phase, stream: Repeatability): boolean {
  const { code, status = 0 } = error
  const { resumable, replayable, safe } = stream
  if (phase === 'answer') return resumable && (code === 'incomplete' || code === 'timeout')
  if (phase === 'request' && !replayable) return false
  if (code === 'timeout') return safe || phase === 'resume'
  return code === 'network' || (code === 'http' && isRetryableStatus(status))
}

/**
 * The wait before the next attempt, in milliseconds: exponential with full jitter, and never less than the server
 * has asked for (`askedMs`), up to a cap.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function retryDelay(
  failures: number,
  askedMs: number,
  { baseMs = 500, maxMs = 8000, maxRetryAfterMs = 60_000 }: RetryOptions,
): number {
  return Math.max(
    Math.min(askedMs, maxRetryAfterMs),
    Math.random() * Math.min(maxMs, baseMs * 2 ** (failures - 1)),
  )
}
