import { afterEach, describe, expect, test, vi } from 'vitest'
import { createCalls } from './calls.ts'
import { passBody, type PassEnd } from './pass-body.ts'

afterEach(() => void vi.useRealTimers())

function setUp() {
  const calls = createCalls()
  const call = calls.begin(new AbortController().signal)
  let source!: ReadableStreamDefaultController<Uint8Array>
  const pulled = vi.fn()
  const cancelled = vi.fn()
  const body = new ReadableStream<Uint8Array>(
    { start: (controller) => void (source = controller), pull: pulled, cancel: cancelled },
    { highWaterMark: 0 },
  )
  const ends: [PassEnd, number][] = []
  const limits = { firstByteMs: 120, idleMs: 60, unreadMs: 300 }
  const reader = passBody(body, call, limits, (...end) => void ends.push(end)).getReader()
  const send = (size: number): void => source.enqueue(new Uint8Array(size).fill(7))
  return { calls, call, source, pulled, cancelled, ends, reader, send }
}

describe('passBody', () => {
  test('passes chunks as they are, to a good end', async () => {
    const { source, send, reader, ends, call, calls } = setUp()
    send(3)
    expect(await reader.read()).toEqual({ done: false, value: new Uint8Array([7, 7, 7]) })
    send(2)
    expect((await reader.read()).value).toHaveLength(2)
    source.close()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect(ends).toEqual([['answered', 5]])
    expect(call.signal.aborted).toBe(false)
    expect(calls.running).toBe(0)
  })

  test('reads nothing ahead of the client', async () => {
    const { pulled, send, reader } = setUp()
    await Promise.resolve()
    expect(pulled).not.toHaveBeenCalled()
    const reading = reader.read()
    await vi.waitFor(() => expect(pulled).toHaveBeenCalledOnce())
    send(1)
    await reading
    expect(pulled).toHaveBeenCalledOnce()
  })

  test('an upstream that breaks off is a failure, not an end', async () => {
    const { source, send, reader, ends } = setUp()
    send(3)
    await reader.read()
    source.error(new TypeError('terminated: 10.0.0.7'))
    await expect(reader.read()).rejects.toThrow(/^The upstream broke off$/)
    expect(ends).toEqual([['broken', 3]])
  })

  test('a client that cancels aborts the call at once', async () => {
    const { send, reader, ends, call, cancelled } = setUp()
    send(3)
    await reader.read()
    await reader.cancel()
    expect(call.signal.aborted).toBe(true)
    expect(cancelled).toHaveBeenCalledOnce()
    expect(ends).toEqual([['aborted', 3]])
  })

  test('closing the relay fails the stream, also while nobody reads', async () => {
    const { calls, reader, ends } = setUp()
    calls.close()
    await expect(reader.read()).rejects.toThrow('aborted')
    expect(ends).toEqual([['aborted', 0]])
  })

  test('a call that was aborted before fails at once', async () => {
    const calls = createCalls()
    const call = calls.begin(AbortSignal.abort())
    const onEnd = vi.fn()
    const limits = { firstByteMs: 1, idleMs: 1, unreadMs: 1 }
    const reader = passBody(new ReadableStream(), call, limits, onEnd).getReader()
    await expect(reader.read()).rejects.toThrow('aborted')
    expect(onEnd).toHaveBeenCalledExactlyOnceWith('aborted', 0)
  })
})

describe('time limits', () => {
  test.each([
    ['a cancel', (reader: ReadableStreamDefaultReader) => reader.cancel()],
    ['a close of the relay', (_: ReadableStreamDefaultReader, close: () => void) => close()],
  ])('none runs on after %s', async (_, end) => {
    vi.useFakeTimers()
    const { reader, send, calls, ends } = setUp()
    send(1)
    await reader.read()
    expect(vi.getTimerCount()).toBe(1)
    await end(reader, calls.close)
    expect(ends).toEqual([['aborted', 1]])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('the first bytes have their own', async () => {
    vi.useFakeTimers()
    const { reader, ends, call } = setUp()
    const reading = expect(reader.read()).rejects.toThrow('The upstream fell silent')
    await vi.advanceTimersByTimeAsync(119)
    expect(ends).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await reading
    expect(ends).toEqual([['timeout', 0]])
    expect(call.signal.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('each later wait begins anew', async () => {
    vi.useFakeTimers()
    const { reader, ends, send } = setUp()
    send(1)
    await reader.read()
    for (let i = 0; i < 3; i++) {
      const reading = reader.read()
      await vi.advanceTimersByTimeAsync(59)
      send(1)
      await reading
    }
    const reading = expect(reader.read()).rejects.toThrow('The upstream fell silent')
    await vi.advanceTimersByTimeAsync(60)
    await reading
    expect(ends).toEqual([['timeout', 4]])
  })

  test('while the client does not read, the upstream is not to blame, but the client’s time runs', async () => {
    vi.useFakeTimers()
    const { reader, ends, send, call } = setUp()
    send(1)
    await reader.read()
    await vi.advanceTimersByTimeAsync(299)
    expect(ends).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(ends).toEqual([['timeout', 1]])
    expect(call.signal.aborted).toBe(true)
    await expect(reader.read()).rejects.toThrow('did not take its bytes')
    expect(vi.getTimerCount()).toBe(0)
  })
})
