import { afterEach, describe, expect, test, vi } from 'vitest'
import { readBytes } from './read-bytes.ts'

afterEach(() => void vi.useRealTimers())

const limits = { maxBytes: 6, timeoutMs: 1000 }

function stream(pieces: readonly string[], end: 'close' | 'hang' | 'fail' = 'close') {
  const cancelled = vi.fn()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      if (end === 'close') controller.close()
    },
    pull(controller) {
      if (end === 'fail') controller.error(new Error('broke'))
    },
    cancel: cancelled,
  })
  return { body, cancelled }
}

describe('readBytes', () => {
  test('joins what comes, up to the limit exactly', async () => {
    const read = await readBytes(stream(['abc', 'def']).body, limits)
    expect(read.ok && new TextDecoder().decode(read.bytes)).toBe('abcdef')
    expect(await readBytes(null, limits)).toEqual({ ok: true, bytes: new Uint8Array() })
  })

  test('one byte more is too large, and the rest is cancelled', async () => {
    const { body, cancelled } = stream(['abc', 'defg'], 'hang')
    expect(await readBytes(body, limits)).toEqual({ ok: false, reason: 'too-large' })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  test('a body that does not end in time is too slow, and cancelled', async () => {
    vi.useFakeTimers()
    const { body, cancelled } = stream(['abc'], 'hang')
    const reading = readBytes(body, limits)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await reading).toEqual({ ok: false, reason: 'too-slow' })
    expect(cancelled).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a body that breaks rejects', async () => {
    await expect(readBytes(stream(['abc'], 'fail').body, limits)).rejects.toThrow('broke')
  })
})
