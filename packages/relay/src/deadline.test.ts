import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DeadlineError, withDeadline } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a promise in time is passed on, and no timer stays', async () => {
  expect(await withDeadline(Promise.resolve(7), 100)).toBe(7)
  await expect(withDeadline(Promise.reject(new Error('own')), 100)).rejects.toThrow('own')
  expect(vi.getTimerCount()).toBe(0)
})

test('a promise that is late is a DeadlineError, not before its time', async () => {
  let outcome: unknown
  void withDeadline(new Promise(() => {}), 100).catch((error: unknown) => (outcome = error))
  await vi.advanceTimersByTimeAsync(99)
  expect(outcome).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(outcome).toBeInstanceOf(DeadlineError)
})
