import { bytesOf, createScriptedFetch, everySplit, streamOf } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readEvents } from './read-events.ts'
import { recordStream } from './record-stream.ts'
import type { RecordedStream } from './record-stream.ts'

async function read(response: Response): Promise<string[]> {
  const data: string[] = []
  for await (const event of readEvents(response.body)) data.push(event.data)
  return data
}

const respond = (chunks: Iterable<string | Uint8Array>, init?: ResponseInit): Response =>
  new Response(streamOf(chunks), init)

describe('recordStream', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('passes every cutting of a body on and records it', async () => {
    const body = bytesOf('data: é🙂\n\ndata: 2\n\n')
    for (const { name, chunks } of everySplit(body)) {
      const { response, recording } = recordStream(respond(chunks))
      expect(new Uint8Array(await response.arrayBuffer()), name).toEqual(body)
      expect(recording, name).toMatchObject({ version: 1, status: 200, end: 'complete' })
      expect(recording.chunks, name).toHaveLength(chunks.length)
    }
  })

  it('writes a chunk as text where it is text', async () => {
    const { response, recording } = recordStream(respond(['data: é\n\n', Uint8Array.of(0xff), '']))
    await response.arrayBuffer()
    expect(recording.chunks).toEqual([
      { atMs: 0, text: 'data: é\n\n' },
      { atMs: 0, base64: '/w==' },
      { atMs: 0, text: '' },
    ])
  })

  it('records the times since the headers', async () => {
    const { response, recording } = recordStream(respond(['data: 1\n\n', 'data: 2\n\n']))
    const events = readEvents(response.body)
    vi.advanceTimersByTime(30)
    await events.next()
    vi.advanceTimersByTime(100)
    await events.next()
    expect(recording.end).toBeUndefined()
    expect(JSON.parse(JSON.stringify(recording))).not.toHaveProperty('end')
    vi.advanceTimersByTime(5)
    await events.next()
    expect(recording.chunks.map(({ atMs }) => atMs)).toEqual([30, 130])
    expect(recording).toMatchObject({ end: 'complete', endMs: 135 })
  })

  it('keeps status, headers and url of the response', async () => {
    const original = respond(['{}'], {
      status: 429,
      statusText: 'Too Many',
      headers: { 'content-type': 'application/json', 'x-request-id': '7' },
    })
    Object.defineProperties(original, { url: { value: 'https://a.example/b' }, redirected: { value: true } })
    const { response } = recordStream(original)
    expect(response).toBeInstanceOf(Response)
    expect(response.status).toBe(429)
    expect(response.statusText).toBe('Too Many')
    expect([...response.headers]).toEqual([
      ['content-type', 'application/json'],
      ['x-request-id', '7'],
    ])
    expect(response.url).toBe('https://a.example/b')
    expect(response.redirected).toBe(true)
    expect(await response.json()).toEqual({})
  })

  it('records nothing that should not be published', () => {
    const original = respond(['data: 1\n\n'], {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'content-location': '//me:pw@a.example/streams/1?token=s3cret#s3cret',
        'retry-after': '3',
        'cache-control': 'no-cache',
        'x-request-id': 's3cret',
        'openai-organization': 's3cret',
        authorization: 's3cret',
        'x-api-key': 's3cret',
        'x-set-cookie': 's3cret',
      },
    })
    Object.defineProperty(original, 'url', { value: 'https://me:s3cret@a.example/v1/x@y?key=s3cret#s3cret' })
    const { recording } = recordStream(original)
    expect(recording.url).toBe('https://a.example/v1/x@y')
    expect(recording.headers).toEqual({
      'cache-control': 'no-cache',
      'content-location': '//a.example/streams/1',
      'content-type': 'text/event-stream; charset=utf-8',
      'retry-after': '3',
    })
    expect(JSON.stringify(recording)).not.toContain('s3cret')
  })

  it('reads nothing before it is asked, and no faster', async () => {
    const fetch = createScriptedFetch({ body: ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'] })
    const { response } = recordStream(await fetch('/a'))
    await vi.advanceTimersByTimeAsync(10)
    expect(fetch.requests[0]?.taken).toBe(0)
    const events = readEvents(response.body)
    await events.next()
    await events.next()
    await vi.advanceTimersByTimeAsync(10)
    expect(fetch.requests[0]?.taken).toBe(2)
    await events.return()
    expect(fetch.open).toBe(0)
  })

  it('has cancelled the source when cancel resolves, with the same reason', async () => {
    const order: unknown[] = []
    const source = new ReadableStream<Uint8Array>({
      async cancel(reason) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        order.push(reason)
      },
    })
    const { response, recording } = recordStream(new Response(source))
    const cancelling = response.body?.cancel('enough').then(() => order.push('cancelled'))
    await vi.advanceTimersByTimeAsync(10)
    await cancelling
    expect(order).toEqual(['enough', 'cancelled'])
    expect(recording.end).toBe('cancelled')
  })

  it('is cancelled while a chunk is waited for', async () => {
    const fetch = createScriptedFetch({ body: 'data: 1\n\n', hang: true })
    const { response, recording } = recordStream(await fetch('/a'))
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const pending = reader.read()
    await reader.cancel()
    expect(await pending).toEqual({ done: true, value: undefined })
    await vi.advanceTimersByTimeAsync(10)
    expect(fetch.open).toBe(0)
    expect(recording).toMatchObject({ end: 'cancelled', chunks: [{ text: 'data: 1\n\n' }] })
  })

  it('passes an error on as it is, after what came before', async () => {
    const error = new TypeError('terminated')
    const fetch = createScriptedFetch({ body: ['data: 1\n\n', error] })
    const { response, recording } = recordStream(await fetch('/a'))
    const events = readEvents(response.body)
    expect((await events.next()).value).toMatchObject({ data: '1' })
    await expect(events.next()).rejects.toBe(error)
    expect(recording).toMatchObject({ end: 'broken', chunks: [{ text: 'data: 1\n\n' }] })
  })

  it('takes an abort of the request for leaving', async () => {
    const controller = new AbortController()
    const fetch = createScriptedFetch({ hang: true })
    const { response, recording } = recordStream(await fetch('/a', { signal: controller.signal }))
    const reading = read(response)
    controller.abort()
    await expect(reading).rejects.toBe(controller.signal.reason)
    expect(recording.end).toBe('cancelled')
  })

  it('passes a response without a body on itself', () => {
    const original = new Response(null, { status: 204 })
    const { response, recording } = recordStream(original)
    expect(response).toBe(original)
    expect(recording).toMatchObject({ status: 204, chunks: [], end: 'complete' })
  })

  it.each([
    { maxBytes: 0, texts: [], truncated: true },
    { maxBytes: 5, texts: ['abcd', 'e'], truncated: true },
    { maxBytes: 8, texts: ['abcd', 'efgh'], truncated: true },
    { maxBytes: 9, texts: ['abcd', 'efgh', 'i', ''], truncated: undefined },
  ])('keeps $maxBytes bytes at most, and passes all on', async ({ maxBytes, texts, truncated }) => {
    const { response, recording } = recordStream(respond(['abcd', 'efgh', 'i', '']), { maxBytes })
    expect(await response.text()).toBe('abcdefghi')
    expect(recording.chunks).toEqual(texts.map((text) => ({ atMs: 0, text })))
    expect(recording.truncated).toBe(truncated)
    expect(recording.end).toBe('complete')
  })

  it('keeps 8 MiB by default', async () => {
    const mebibyte = bytesOf('x'.repeat(1024 * 1024))
    const { response, recording } = recordStream(respond(Array.from({ length: 9 }, () => mebibyte)))
    expect((await response.arrayBuffer()).byteLength).toBe(9 * 1024 * 1024)
    expect(recording.chunks).toHaveLength(8)
    expect(recording.truncated).toBe(true)
  })

  it('keeps 100,000 chunks at most, however small', async () => {
    function* bytes(): Generator<Uint8Array> {
      for (let i = 0; i < 100_001; i++) yield Uint8Array.of(120)
    }
    const { response, recording } = recordStream(respond(bytes()))
    expect((await response.arrayBuffer()).byteLength).toBe(100_001)
    expect(recording.chunks).toHaveLength(100_000)
    expect(recording.truncated).toBe(true)
  })

  it('refuses a body that was read or is being read', async () => {
    const used = respond(['a', 'b'])
    const reader = (used.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    reader.releaseLock()
    expect(() => recordStream(used)).toThrow(TypeError)
    const locked = respond(['a'])
    locked.body?.getReader()
    expect(() => recordStream(locked)).toThrow(TypeError)
  })

  it.each([-1, NaN])('refuses %d as maxBytes', (maxBytes) => {
    const call = (): RecordedStream => recordStream(respond(['a']), { maxBytes })
    expect(call).toThrow(RangeError)
  })
})
