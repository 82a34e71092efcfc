import { describe, expect, it } from 'vitest'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 0, 1)

  it.each([
    ['5', 5000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('reads %j as %j ms', (value, milliseconds) => {
    expect(parseRetryAfter(value, now)).toBe(milliseconds)
  })
})

it('tells the statuses that may pass from those that stay', () => {
  expect([408, 425, 429, 500, 502, 503, 504].every(isRetryableStatus)).toBe(true)
  expect([400, 401, 403, 404, 409, 413, 422].some(isRetryableStatus)).toBe(false)
})
