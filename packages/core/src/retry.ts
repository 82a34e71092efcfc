/**
 * `Retry-After` in milliseconds from `now`: seconds, or an HTTP date (RFC 9110, 10.2.3). Undefined when it is
 * missing or neither.
 */
export function parseRetryAfter(value: string | null, now: number = Date.now()): number | undefined {
  if (value === null) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Whether a request that was answered with `status` may succeed later as it is. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}
