import { afterEach, expect, it, vi } from 'vitest'
import { onFrame } from './schedule.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('flushes once with the next frame', async () => {
  const flush = vi.fn()
  onFrame(flush)
  expect(flush).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(flush).toHaveBeenCalledOnce())
})

it('flushes on time where no frame is painted, as in a hidden page', () => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', () => 1)
  vi.stubGlobal('cancelAnimationFrame', () => {})
  const flush = vi.fn()
  onFrame(flush)
  vi.advanceTimersByTime(300)
  expect(flush).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

it('flushes on time where there are no frames at all', () => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', undefined)
  const flush = vi.fn()
  onFrame(flush)
  vi.advanceTimersByTime(16)
  expect(flush).toHaveBeenCalledOnce()
})

it('can be undone, and leaves no timer', () => {
  vi.useFakeTimers()
  const flush = vi.fn()
  onFrame(flush)()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(1000)
  expect(flush).not.toHaveBeenCalled()
})
