import { bytesOf, chatEvents, createScriptedFetch, everySplit, streamOf } from '@rivulet/testkit'
import { describe, expect, it, vi } from 'vitest'
import { StreamError } from './errors.ts'
import { readEvents } from './read-events.ts'
import type { ByteSource } from './types.ts'

async function dataOf(body: ByteSource | null): Promise<string[]> {
  const data: string[] = []
  for await (const event of readEvents(body)) data.push(event.data)
  return data
}

async function* iterate(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks
}

/** A body that counts what is taken from it and knows whether it was cancelled. */
function endless(): { body: ReadableStream<Uint8Array>; taken: number; cancelled: boolean } {
  const state = { taken: 0, cancelled: false } as ReturnType<typeof endless>
  state.body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        state.taken++
        controller.enqueue(bytesOf(`data: ${state.taken}\n\n`))
      },
      async cancel() {
        // Cancelling is only over after a turn, as with a socket.
        await Promise.resolve()
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return state
}

describe('readEvents', () => {
  it('gives the same events for every cutting of a body', async () => {
    const body = 'id: 1\r\ndata: é\r\n\r\n: ping\nevent: x\ndata: 🙂\n\ndata: cut off'
    for (const { name, chunks } of everySplit(body)) {
      expect(await dataOf(streamOf(chunks)), name).toEqual(['é', '🙂'])
      expect(await dataOf(iterate(chunks)), name).toEqual(['é', '🙂'])
    }
  })

  it('reads the body of a response', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a', 'b') })
    const { body } = await fetch('/events')
    expect((await dataOf(body)).at(-1)).toBe('[DONE]')
    expect(fetch.open).toBe(0)
  })

  it('gives nothing for a response without a body', async () => {
    expect(await dataOf(null)).toEqual([])
  })

  it('reads no faster than the loop takes', async () => {
    const source = endless()
    const events = readEvents(source.body)
    expect(source.taken).toBe(0)
    await events.next()
    await events.next()
    expect(source.taken).toBe(2)
    await events.return()
  })

  it('has cancelled the body when break returns', async () => {
    const source = endless()
    for await (const event of readEvents(source.body)) if (event.data === '3') break
    expect(source).toMatchObject({ taken: 3, cancelled: true })
  })

  it('has cancelled the body when the loop throws', async () => {
    const source = endless()
    const loop = async (): Promise<void> => {
      for await (const _ of readEvents(source.body)) throw new RangeError('mine')
    }
    await expect(loop()).rejects.toThrow(new RangeError('mine'))
    expect(source.cancelled).toBe(true)
  })

  it('ends an iterable that is left', async () => {
    let returned = false
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield bytesOf('data: 1\n\n')
      } finally {
        returned = true
      }
    }
    for await (const _ of readEvents(source())) break
    expect(returned).toBe(true)
  })

  it('reads nothing when the signal is aborted already', async () => {
    const source = endless()
    const reason = new Error('before')
    const events = readEvents(source.body, { signal: AbortSignal.abort(reason) })
    await expect(events.next()).rejects.toBe(reason)
    expect(source.taken).toBe(0)
  })

  it.each(['stream', 'iterable'])(
    'ends a pending read of a silent %s when the signal aborts',
    async (kind) => {
      const silent = new ReadableStream<Uint8Array>(
        { pull: () => new Promise(() => {}) },
        { highWaterMark: 0 },
      )
      async function* never(): AsyncGenerator<Uint8Array, void, undefined> {
        await new Promise(() => {})
      }
      const controller = new AbortController()
      const events = readEvents(kind === 'stream' ? silent : never(), { signal: controller.signal })
      const next = events.next()
      const reason = { why: 'the reader left' }
      controller.abort(reason)
      await expect(next).rejects.toBe(reason)
      await expect(events.next()).resolves.toEqual({ done: true, value: undefined })
    },
  )

  it('undoes what it subscribed to the signal, however it ends', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    for await (const _ of readEvents(streamOf(['data: 1\n\n']), { signal }));
    for await (const _ of readEvents(endless().body, { signal })) break
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
  })

  it('gives no further event after an abort, though it is read already', async () => {
    const controller = new AbortController()
    const events = readEvents(streamOf(['data: 1\n\ndata: 2\n\n']), { signal: controller.signal })
    await events.next()
    controller.abort(new Error('enough'))
    await expect(events.next()).rejects.toThrow('enough')
  })

  it('throws the error of a body that breaks, after the events before it', async () => {
    const broken = new TypeError('terminated')
    const fetch = createScriptedFetch({ body: ['data: 1\n\ndata: 2\n', broken] })
    const { body } = await fetch('/events')
    const events = readEvents(body)
    expect((await events.next()).value).toMatchObject({ data: '1' })
    await expect(events.next()).rejects.toBe(broken)
  })

  it('gives the events before one that is too large, and cancels the body', async () => {
    const fetch = createScriptedFetch({ body: `data: 1\n\ndata: ${'x'.repeat(100)}\n\n`, hang: true })
    const { body } = await fetch('/events')
    const data: string[] = []
    const loop = async (): Promise<void> => {
      for await (const event of readEvents(body, { maxEventBytes: 50 })) data.push(event.data)
    }
    await expect(loop()).rejects.toMatchObject({ name: 'StreamError', code: 'limit' })
    expect(data).toEqual(['1'])
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(new StreamError('limit', '')).toBeInstanceOf(Error)
  })
})
