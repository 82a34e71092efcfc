import { chatEvents, createScriptedFetch } from '@rivulet/testkit'
import { describe, expect, it, vi } from 'vitest'
import { sameOriginUrl, scriptServer } from '../test/script-server.ts'
import { messageText } from './message.ts'
import { streamEvents } from './stream-events.ts'
import { streamMessage } from './stream-message.ts'
import type { StreamEventsInit } from './types.ts'

// What only a real browser and a real server can tell: CORS, preflights, sockets that are cut and left.

const SSE = { 'content-type': 'text/event-stream' }
const RELAY = { 'content-type': 'text/event-stream; rivulet=1', 'content-location': 'streams/1' }
const END = 'event: rivulet.end\ndata: {}\n\n'
const isLast: StreamEventsInit['isLast'] = ({ data }) => data === '[DONE]'
const event = (id: number, data = `${id}`): string => `id: ${id}\ndata: ${data}\n\n`
const retry = { baseMs: 1 }
const body = { prompt: 'Why?' }

describe('another origin, which allows content-type and nothing else', () => {
  it('takes a POST of JSON: nothing else is sent unasked', async () => {
    const script = await scriptServer.play({ replies: [{ body: chatEvents('a', 'b').join('') }] })
    const message = await streamMessage(script.url, { body }).finished
    expect(messageText(message)).toBe('ab')
    const { preflights, requests } = await script.seen()
    expect(preflights.map(({ headers }) => headers['access-control-request-headers'])).toEqual([
      'content-type',
    ])
    expect(requests).toHaveLength(1)
    expect(requests[0]!.headers).toMatchObject({ accept: 'text/event-stream;rivulet=1' })
    expect(requests[0]!.headers).not.toHaveProperty('idempotency-key')
  })

  it('takes a GET without a preflight', async () => {
    const script = await scriptServer.play({ cors: { headers: [] }, replies: [{ body: event(1, '[DONE]') }] })
    for await (const _ of streamEvents(script.url, { isLast }));
    expect((await script.seen()).preflights).toHaveLength(0)
  })

  it('resumes a relay’s stream by ?after=, and stops it, without a preflight', async () => {
    const script = await scriptServer.play({
      cors: { expose: ['content-location'] },
      replies: [
        { headers: RELAY, body: ['id: 0\n\n', event(1), { gate: 'read' }], finish: 'cut' },
        { headers: RELAY, body: [event(2)], finish: 'hang' },
        { status: 204 },
      ],
    })
    const data: string[] = []
    for await (const each of streamEvents(`${script.url}/v1/chat`, { body, retry })) {
      data.push(each.data)
      if (each.data === '1') await script.open('read')
      if (each.data === '2') break
    }
    expect(data).toEqual(['1', '2'])
    const stop = await script.request(2)
    expect([stop.method, stop.path]).toEqual(['POST', '/v1/streams/1/stop'])
    const { preflights, requests } = await script.seen()
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/chat',
      'GET /v1/streams/1?after=1',
      'POST /v1/streams/1/stop',
    ])
    expect(requests[1]!.headers).not.toHaveProperty('last-event-id')
    expect(preflights.map(({ path }) => path)).toEqual(['/v1/chat'])
    expect((await script.ended(1)).ended).toBe('aborted')
  })

  it('that does not expose the location cannot be resumed, and is not asked again', async () => {
    const reply = { headers: RELAY, body: [event(1), { gate: 'read' }], finish: 'cut' } as const
    const script = await scriptServer.play({ replies: [reply] })
    const events = streamEvents(script.url, { body, retry })
    expect((await events.next()).value).toMatchObject({ data: '1' })
    await script.open('read')
    await expect(events.next()).rejects.toMatchObject({ code: 'incomplete', lastEventId: '1' })
    expect((await script.seen()).requests).toHaveLength(1)
  })

  it('without the handshake is resumed only if it allows Last-Event-ID', async () => {
    const broken = { headers: SSE, body: [event(1), { gate: 'read' }], finish: 'cut' } as const
    for (const headers of [[], ['last-event-id']]) {
      const script = await scriptServer.play({
        cors: { headers },
        replies: [broken, { body: event(2, '[DONE]') }],
      })
      const events = streamEvents(script.url, { isLast, retry })
      expect((await events.next()).value).toMatchObject({ data: '1' })
      await script.open('read')
      const next = events.next()
      if (headers.length > 0) expect((await next).value).toMatchObject({ data: '[DONE]', lastEventId: '2' })
      else await expect(next).rejects.toMatchObject({ code: 'network', retryable: false, lastEventId: '1' })
      await events.return()
      expect((await script.seen()).requests).toHaveLength(headers.length > 0 ? 2 : 1)
    }
  })

  it('that lets nobody in is a network error that says so', async () => {
    const script = await scriptServer.play({ cors: { origins: [] }, replies: [{ body: event(1) }] })
    const next = streamEvents(script.url, { body, retry: false }).next()
    await expect(next).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('origin allowed'),
    })
  })
})

it('sends a key of its own to the page’s origin', async () => {
  const script = await scriptServer.play({ replies: [{ status: 503 }, { body: event(1, '[DONE]') }] })
  for await (const _ of streamEvents(sameOriginUrl(script), { body, isLast, retry }));
  const keys = (await script.seen()).requests.map(({ headers }) => headers['idempotency-key'])
  expect(keys[0]).toMatch(/^\d+(-\d+){3}$/)
  expect(keys[1]).toBe(keys[0])
})

describe('a real connection', () => {
  it('that is cut leaves a POST without a location incomplete, sent once', async () => {
    const script = await scriptServer.play({
      replies: [{ body: [...chatEvents('kept').slice(0, 2), { gate: 'read' }], finish: 'cut' }],
    })
    const stream = streamMessage(script.url, { body, retry })
    for await (const delta of stream) if (delta.type === 'text-delta') break
    const whole = await scriptServer.play({
      replies: [{ body: [...chatEvents('kept').slice(0, 2), { gate: 'read' }], finish: 'cut' }],
    })
    const cut = streamMessage(whole.url, { body, retry, onDelta: () => void whole.open('read') })
    await expect(cut.finished).rejects.toMatchObject({ code: 'incomplete', retryable: false })
    expect(messageText(cut.message)).toBe('kept')
    expect((await whole.seen()).requests).toHaveLength(1)
  })

  it('that is dropped before the headers is tried again', async () => {
    const script = await scriptServer.play({ replies: [{ finish: 'drop' }, { body: event(1, '[DONE]') }] })
    const data: string[] = []
    for await (const each of streamEvents(script.url, { body, isLast, retry })) data.push(each.data)
    expect(data).toEqual(['[DONE]'])
    expect((await script.seen()).requests).toHaveLength(2)
  })

  it('is ended by leaving the loop', async () => {
    const script = await scriptServer.play({ replies: [{ body: event(1), finish: 'hang' }] })
    for await (const _ of streamEvents(script.url)) break
    expect((await script.ended(0)).ended).toBe('aborted')
  })

  it('has its request aborted by the time that break returns', async () => {
    const script = await scriptServer.play({ replies: [{ body: event(1), finish: 'hang' }] })
    let signal: AbortSignal | null | undefined
    const fetch: StreamEventsInit['fetch'] = (input, init) => {
      signal = init?.signal
      return globalThis.fetch(input, init)
    }
    for await (const _ of streamEvents(script.url, { fetch })) break
    expect(signal?.aborted).toBe(true)
  })

  it('goes on in a tab that is hidden and shown', async () => {
    const script = await scriptServer.play({
      replies: [{ body: [event(1), { gate: 'shown' }, event(2, '[DONE]')] }],
    })
    const events = streamEvents(script.url, { body, isLast, retry })
    await events.next()
    const hidden = vi.spyOn(document, 'hidden', 'get')
    for (const value of [true, false]) {
      hidden.mockReturnValue(value)
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }
    hidden.mockRestore()
    await script.open('shown')
    expect((await events.next()).value).toMatchObject({ data: '[DONE]' })
    await events.return()
    expect((await script.seen()).requests).toHaveLength(1)
  })

  it('stands still while nobody takes: an endless answer does not fill the memory', async () => {
    const line = `data: ${'x'.repeat(1000)}\n\n`
    const times = 1_000_000
    const script = await scriptServer.play({ replies: [{ body: [{ repeat: line, times }] }] })
    const events = streamEvents(script.url)
    await events.next()
    let before = -1
    let { sentBytes } = await script.request(0)
    while (sentBytes !== before) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      before = sentBytes
      sentBytes = (await script.seen()).requests[0]!.sentBytes
    }
    expect(sentBytes).toBeLessThan(line.length * times * 0.2)
    await events.return()
    expect((await script.ended(0)).ended).toBe('aborted')
  }, 60_000)
})

it('resolves a relative URL as the page does, by its base', async () => {
  const base = document.head.appendChild(document.createElement('base'))
  base.href = '/elsewhere/'
  const fetch = createScriptedFetch(
    { body: [event(1), new TypeError('reset')] },
    { body: event(2, '[DONE]') },
  )
  for await (const _ of streamEvents('events', { fetch, isLast, retry }));
  base.remove()
  expect(fetch.requests[1]!.url).toBe(`${location.origin}/elsewhere/events`)
})

it('ends with a relay’s own end', async () => {
  const script = await scriptServer.play({
    cors: { expose: ['content-location'] },
    replies: [{ headers: RELAY, body: [event(1), END], finish: 'hang' }],
  })
  const data: string[] = []
  for await (const each of streamEvents(script.url, { body })) data.push(each.data)
  expect(data).toEqual(['1'])
  expect((await script.seen()).requests).toHaveLength(1)
})
