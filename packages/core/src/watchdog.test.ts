import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWatchdog } from './watchdog.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('ends a wait at its limit', () => {
  const onTimeout = vi.fn()
  const watchdog = createWatchdog(onTimeout)
  watchdog.wait(1000)
  vi.advanceTimersByTime(999)
  expect(onTimeout).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2)
  expect(onTimeout).toHaveBeenCalledExactlyOnceWith(1000)
})

it('measures each wait from its own start, with one timer for all', () => {
  const onTimeout = vi.fn()
  const watchdog = createWatchdog(onTimeout)
  for (let i = 0; i < 100; i++) {
    watchdog.wait(1000)
    vi.advanceTimersByTime(900)
    watchdog.rest()
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
  }
  expect(onTimeout).not.toHaveBeenCalled()
  watchdog.wait(1000)
  vi.advanceTimersByTime(1001)
  expect(onTimeout).toHaveBeenCalledOnce()
})

it('does not count the time between waits', () => {
  const onTimeout = vi.fn()
  const watchdog = createWatchdog(onTimeout)
  watchdog.wait(1000)
  watchdog.rest()
  vi.advanceTimersByTime(100_000)
  expect(onTimeout).not.toHaveBeenCalled()
})

it('keeps a shorter limit that follows a longer one', () => {
  const onTimeout = vi.fn()
  const watchdog = createWatchdog(onTimeout)
  watchdog.wait(60_000)
  watchdog.rest()
  watchdog.wait(1000)
  vi.advanceTimersByTime(1001)
  expect(onTimeout).toHaveBeenCalledExactlyOnceWith(1000)
})

it.each([0, Infinity, -1, NaN])('takes %s as no limit', (limit) => {
  createWatchdog(() => {}).wait(limit)
  expect(vi.getTimerCount()).toBe(0)
})

it('waits longer than setTimeout can', () => {
  const onTimeout = vi.fn()
  const watchdog = createWatchdog(onTimeout)
  watchdog.wait(2 ** 32)
  vi.advanceTimersByTime(2 ** 31 + 10)
  expect(onTimeout).not.toHaveBeenCalled()
  vi.advanceTimersByTime(2 ** 31)
  expect(onTimeout).toHaveBeenCalledOnce()
})

it('leaves no timer behind', () => {
  const watchdog = createWatchdog(() => {})
  watchdog.wait(1000)
  watchdog.stop()
  expect(vi.getTimerCount()).toBe(0)
})
