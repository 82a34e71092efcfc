import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StreamError } from './errors.ts'
import type { StreamErrorCode } from './errors.ts'
import { isRetryableStatus, mayTryAgain, parseRetryAfter, retryDelay } from './retry.ts'

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

describe('mayTryAgain', () => {
  const code = fc.constantFrom<StreamErrorCode>(
    'http',
    'network',
    'timeout',
    'incomplete',
    'gone',
    'content-type',
  )
  const flag = fc.boolean()

  it('never repeats what is final, nor a stream that began and cannot be resumed', () => {
    fc.assert(
      fc.property(
        code,
        flag,
        flag,
        flag,
        flag,
        flag,
        (code, retryable, reading, resuming, replayable, safe) => {
          const error = new StreamError(code, '', { retryable })
          expect(mayTryAgain(error, true, resuming, false, replayable, safe)).toBe(false)
          if (!retryable) expect(mayTryAgain(error, reading, resuming, true, replayable, safe)).toBe(false)
        },
      ),
    )
  })

  it('sends the request itself again only if its body can be, and after a time-out only where that is safe', () => {
    fc.assert(
      fc.property(code, flag, flag, flag, (code, resumable, replayable, safe) => {
        const error = new StreamError(code, '', { retryable: true })
        const may = mayTryAgain(error, false, false, resumable, replayable, safe)
        expect(may).toBe(replayable && (safe || code !== 'timeout'))
      }),
    )
  })
})

describe('retryDelay', () => {
  afterEach(() => void vi.restoreAllMocks())
  const ms = fc.nat(1e7)

  it('is never less than what was asked, up to its cap, and never more than the back-off beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        ms,
        ms,
        ms,
        ms,
        (failures, asked, baseMs, maxMs, cap) => {
          const delay = retryDelay(failures, asked, { baseMs, maxMs, maxRetryAfterMs: cap })
          const least = Math.min(asked, cap)
          expect(delay).toBeGreaterThanOrEqual(least)
          expect(delay).toBeLessThanOrEqual(Math.max(least, maxMs))
          expect(delay).toBeLessThanOrEqual(Math.max(least, baseMs * 2 ** Math.min(failures - 1, 31)))
        },
      ),
    )
  })

  it('is never so long that a timer would fire at once', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const options = { maxMs: Infinity, maxRetryAfterMs: Infinity, baseMs: 1000 }
    expect(retryDelay(1, 1e12, options)).toBe(2 ** 31 - 1)
    expect(retryDelay(500, 0, options)).toBe(2 ** 31 - 1)
  })
})
