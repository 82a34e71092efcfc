import type { StreamError } from './errors.ts'
import type { RetryOptions } from './types.ts'

/**
 * `Retry-After` in milliseconds from `now`: seconds, or an HTTP date (RFC 9110, 10.2.3). Undefined when it is
 * missing or neither.
 */
export function parseRetryAfter(value: string | null, now: number = Date.now()): number | undefined {
  const at = now + Number(value || NaN) * 1000 || Date.parse(`${value}`)
  return at ? Math.max(0, at - now) : undefined
}

/** Whether a request that was answered with `status` may succeed later as it is. */
export function isRetryableStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500
}

/**
 * Whether another attempt may follow one that failed; the table is in docs/retries.md.
 *
 * @param reading It failed after the headers of its answer.
 * @param resuming It was to resume the stream.
 * @param resumable An id was dispatched, and there is somewhere to resume from.
 * @param replayable The body can be sent again: it is no stream, and no Request's.
 * @param safe A server that is at work already does no harm when it is asked again: a GET, or a key it knows.
 */
export function mayTryAgain(
  { code, retryable }: StreamError,
  reading: boolean,
  resuming: boolean,
  resumable: boolean,
  replayable: boolean,
  safe: boolean,
): boolean {
  const repeatable = reading ? resumable : resuming || (replayable && (safe || code !== 'timeout'))
  return retryable && repeatable
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
  const jitter = Math.random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 31))
  // setTimeout fires at once for delays beyond 31 bits.
  return Math.min(2 ** 31 - 1, Math.max(Math.min(askedMs, maxRetryAfterMs), jitter))
}
