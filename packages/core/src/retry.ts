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
