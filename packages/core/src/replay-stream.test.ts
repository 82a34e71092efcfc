import { bytesOf, chatEvents, createScriptedFetch, everySplit, streamOf } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readChunks } from './read-chunks.ts'
import { readEvents } from './read-events.ts'
import { recordStream } from './record-stream.ts'
import type { Recording } from './recording.ts'
import { replayStream } from './replay-stream.ts'
import { streamMessage } from './stream-message.ts'
import type { ByteSource } from './types.ts'

const GOOD: Recording = {
  version: 1,
  url: 'https://a.example/v1',
  status: 200,
  headers: { 'content-type': 'text/event-stream', 'retry-after': '1' },
  chunks: [
    { atMs: 100, text: 'data: 1\n\n' },
    { atMs: 300, text: 'data: 2\n\n' },
  ],
  end: 'complete',
  endMs: 400,
}

/** What is read of a body, as it comes: event data, then how it ended. */
function collect(response: Response, signal?: AbortSignal): { seen: unknown[]; over: Promise<void> } {
  const seen: unknown[] = []
  const over = (async () => {
    try {
      for await (const event of readEvents(response.body, { signal })) seen.push(event.data)
      seen.push('end')
    } catch (error) {
      seen.push(error)
    }
  })()
  return { seen, over }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('replayStream', () => {
  it('gives what was recorded, in every cutting, as a file', async () => {
    const body = bytesOf('data: é🙂\n\ndata: 2\n\n')
    for (const { name, chunks } of everySplit(body)) {
      const { response, recording } = recordStream(new Response(streamOf(chunks)))
      await response.arrayBuffer()
      const fetch = replayStream(JSON.parse(JSON.stringify(recording)) as object)
      const replayed: Uint8Array[] = []
      const reader = (await fetch('/again')).body?.getReader()
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done || !value) break
        replayed.push(value)
      }
      expect(replayed, name).toEqual(chunks)
    }
  })

  it('gives the same message', async () => {
    const upstream = createScriptedFetch({ body: chatEvents('Hé', 'llo 🙂') })
    const recordings: Recording[] = []
    const live = streamMessage('https://a.example/v1/chat/completions', {
      body: {},
      fetch: async (input, init) => {
        const { response, recording } = recordStream(await upstream(input, init))
        recordings.push(recording)
        return response
      },
    })
    const message = await live.finished
    const file = JSON.stringify(recordings[0])
    const again = streamMessage('/anything', { body: {}, fetch: replayStream(JSON.parse(file) as object) })
    expect(await again.finished).toEqual(message)
    expect(message.parts).toEqual([{ type: 'text', text: 'Héllo 🙂' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('answers with status, headers and url', async () => {
    const response = await replayStream({ ...GOOD, status: 503 })('/x')
    expect(response.status).toBe(503)
    expect(response.url).toBe(GOOD.url)
    expect([...response.headers]).toEqual(Object.entries(GOOD.headers))
  })

  it.each([204, 205, 304])('answers %d without a body', async (status) => {
    const response = await replayStream({ ...GOOD, status })('/x')
    expect(response).toMatchObject({ status, body: null })
  })

  it.each([
    { speed: 1, times: [100, 300, 400] },
    { speed: 2, times: [50, 150, 200] },
    { speed: 0.5, times: [200, 600, 800] },
  ])('keeps the times at speed $speed', async ({ speed, times }) => {
    const { seen, over } = collect(await replayStream(GOOD, { speed })('/x'))
    const expected = ['1', '2', 'end']
    let now = 0
    for (const [index, at] of times.entries()) {
      await vi.advanceTimersByTimeAsync(at - now - 1)
      expect(seen).toEqual(expected.slice(0, index))
      await vi.advanceTimersByTimeAsync(1)
      expect(seen).toEqual(expected.slice(0, index + 1))
      now = at
    }
    await over
  })

  it('waits for nothing at speed Infinity', async () => {
    const far = { ...GOOD, chunks: [{ atMs: 1e300, text: 'data: 1\n\n' }], endMs: 1e301 }
    const { seen, over } = collect(await replayStream(far, { speed: Infinity })('/x'))
    await over
    expect(seen).toEqual(['1', 'end'])
  })

  it('waits longer than a timer can', async () => {
    const far = { ...GOOD, chunks: [{ atMs: 2 ** 32, text: 'data: 1\n\n' }], endMs: 2 ** 32 }
    const { seen, over } = collect(await replayStream(far)('/x'))
    await vi.advanceTimersByTimeAsync(2 ** 32 - 1)
    expect(seen).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await over
    expect(seen).toEqual(['1', 'end'])
  })

  it('counts the times from the answer, so that a reader that is late gets a chunk at once', async () => {
    const response = await replayStream(GOOD)('/x')
    await vi.advanceTimersByTimeAsync(350)
    const { seen } = collect(response)
    await vi.advanceTimersByTimeAsync(0)
    expect(seen).toEqual(['1', '2'])
  })

  it('runs a timer only while a chunk is waited for', async () => {
    const response = await replayStream(GOOD)('/x')
    await vi.advanceTimersByTimeAsync(10)
    expect(vi.getTimerCount()).toBe(0)
    const events = readEvents(response.body)
    const first = events.next()
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(100)
    await first
    await vi.advanceTimersByTimeAsync(10)
    expect(vi.getTimerCount()).toBe(0)
    await events.return()
  })

  it.each([
    [{ end: 'broken' }, /connection lost/],
    [{ end: 'cancelled' }, /reader left/],
    [{ end: undefined, endMs: undefined }, /had not ended/],
    [{ truncated: true }, /longer/],
  ])('breaks where a recording with %j ends', async (change, why) => {
    const { seen, over } = collect(await replayStream({ ...GOOD, ...change })('/x'))
    await vi.advanceTimersByTimeAsync(400)
    await over
    expect(seen.slice(0, 2)).toEqual(['1', '2'])
    expect(seen[2]).toBeInstanceOf(TypeError)
    expect((seen[2] as Error).message).toMatch(why)
  })

  it('does not wait for what is not recorded', async () => {
    const { seen } = collect(await replayStream({ ...GOOD, truncated: true, endMs: 10_000 })('/x'))
    await vi.advanceTimersByTimeAsync(300)
    expect(seen).toHaveLength(3)
  })

  it('never shows a cut-off answer as finished', async () => {
    const chunks = [{ atMs: 0, text: chatEvents('Hello')[1] as string }]
    for (const end of ['broken', 'cancelled', undefined] as const) {
      const stream = streamMessage('/x', {
        body: {},
        fetch: replayStream({ ...GOOD, chunks, end, endMs: 0 }),
      })
      await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
      expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'Hello' }] })
    }
  })

  it('answers every request anew', async () => {
    const fetch = replayStream(GOOD, { speed: Infinity })
    expect(await (await fetch('/a')).text()).toBe('data: 1\n\ndata: 2\n\n')
    for await (const bytes of readChunks((await fetch('/a')).body as ByteSource, undefined)) bytes.fill(0)
    expect(await (await fetch(new Request('https://a.example/a'))).text()).toBe('data: 1\n\ndata: 2\n\n')
  })

  it('has nothing for who resumes what was played', async () => {
    const fetch = replayStream({ ...GOOD, end: 'broken' }, { speed: Infinity })
    const headers = { 'last-event-id': '7' }
    expect((await fetch('/a?after=7')).status).toBe(200)
    expect((await fetch('/a?x=1&after=7')).status).toBe(410)
    expect((await fetch(new URL('https://a.example/a?after=7'))).status).toBe(410)
    expect((await fetch('/a', { headers })).status).toBe(410)
    expect((await fetch(new Request('https://a.example/a', { headers }))).status).toBe(410)
    expect((await fetch('/a')).status).toBe(200)
  })

  it.each([0, -1, NaN])('refuses %d as speed', (speed) => {
    expect(() => replayStream(GOOD, { speed })).toThrow(RangeError)
  })

  it('refuses what is no recording', () => {
    expect(() => replayStream({ ...GOOD, version: 3 })).toThrow(/version is 3/)
  })
})

describe('a replay that is left', () => {
  const reason = { why: 'the reader left' }

  it('sends nothing when the signal is aborted already', async () => {
    const signal = AbortSignal.abort(reason)
    await expect(replayStream(GOOD)('/x', { signal })).rejects.toBe(reason)
    const request = new Request('https://a.example/x', { signal: AbortSignal.abort(new RangeError('mine')) })
    await expect(replayStream(GOOD)(request)).rejects.toThrow(new RangeError('mine'))
  })

  it.each([0, 99, 100, 200, 300, 399])('ends with the reason when aborted after %d ms', async (at) => {
    const controller = new AbortController()
    const { signal } = controller
    const removed = vi.spyOn(signal, 'removeEventListener')
    const { seen, over } = collect(await replayStream(GOOD)('/x', { signal }))
    await vi.advanceTimersByTimeAsync(at)
    controller.abort(reason)
    expect(vi.getTimerCount()).toBe(0)
    await over
    expect(seen).toEqual([...['1', '2'].slice(0, at < 100 ? 0 : at < 300 ? 1 : 2), reason])
    await vi.advanceTimersByTimeAsync(1000)
    expect(seen.at(-1)).toBe(reason)
    expect(removed).toHaveBeenCalledOnce()
  })

  it('ends with the reason when aborted before it is read', async () => {
    const controller = new AbortController()
    const response = await replayStream(GOOD)('/x', { signal: controller.signal })
    controller.abort(reason)
    const { seen, over } = collect(response)
    await over
    expect(seen).toEqual([reason])
  })

  it.each([0, 150, 350])('leaves no timer when cancelled after %d ms', async (at) => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const response = await replayStream(GOOD)('/x', { signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const reading = (async () => {
      while (!(await reader.read()).done);
    })()
    await vi.advanceTimersByTimeAsync(at)
    expect(vi.getTimerCount()).toBe(1)
    await reader.cancel()
    await reading
    expect(vi.getTimerCount()).toBe(0)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
  })

  it.each(['complete', 'broken'] as const)('leaves nothing at the signal when it is %s', async (end) => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const response = await replayStream({ ...GOOD, end }, { speed: Infinity })('/x', { signal })
    await response.text().catch(() => {})
    expect(added).toHaveBeenCalledOnce()
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
  })
})
