import { createScriptedFetch } from '@rivulet/testkit'
import type { ScriptedFetch, ScriptedReply } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createJsonParser } from './json-parser.ts'
import { StreamError } from './errors.ts'
import { streamEvents } from './stream-events.ts'
import type { Attempt, StreamEventsInit } from './types.ts'

// The table of docs/retries.md, row by row.

const URL_ = 'https://api.example/v1/chat'
const SSE = { 'content-type': 'text/event-stream' }
const reset = new TypeError('terminated')
const isLast: StreamEventsInit['isLast'] = ({ data }) => data === '[DONE]'
const POST = { method: 'POST', body: '{}', idempotencyKey: false } as const

const event = (id: number, data = `${id}`): string => `id: ${id}\ndata: ${data}\n\n`
/** An answer to a POST that says where it can be resumed. */
const located = (body: ScriptedReply['body'], location = '../streams/s1', type = SSE['content-type']) => ({
  headers: { 'content-type': type, 'content-location': location },
  body: body!,
})
const relayed = (body: ScriptedReply['body']) =>
  located(body, '../streams/s1', 'text/event-stream; rivulet=1')
const relayOnly = (body: ScriptedReply['body']) => ({
  headers: { 'content-type': 'text/event-stream; rivulet=1' },
  body: body!,
})

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

interface Outcome {
  readonly data: string[]
  readonly error: unknown
  readonly attempts: Attempt[]
  /** When each request was made, in milliseconds from the start. */
  readonly at: number[]
}

/** Reads to the end, with all the time that it wants. */
async function run(
  fetch: ScriptedFetch,
  init: StreamEventsInit = {},
  input: string | Request = URL_,
): Promise<Outcome> {
  const start = Date.now()
  const outcome: Outcome & { error: unknown } = { data: [], error: undefined, attempts: [], at: [] }
  const { onAttempt } = init
  const timed: StreamEventsInit['fetch'] = (...args) => {
    outcome.at.push(Date.now() - start)
    return fetch(...args)
  }
  const loop = async (): Promise<void> => {
    const options: StreamEventsInit = {
      isLast,
      ...init,
      fetch: timed,
      onAttempt(attempt) {
        outcome.attempts.push(attempt)
        onAttempt?.(attempt)
      },
    }
    for await (const { data } of streamEvents(input, options)) outcome.data.push(data)
  }
  const done = loop().catch((error: unknown) => (outcome.error = error))
  await vi.advanceTimersByTimeAsync(1e6)
  await done
  expect(vi.getTimerCount(), 'timers left').toBe(0)
  expect(fetch.open, 'bodies left open').toBe(0)
  return outcome
}

beforeEach(() => {
  vi.useFakeTimers()
  // Full jitter at its middle.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const good: ScriptedReply = { body: ['data: a\n\n', 'data: [DONE]\n\n'] }

describe('one attempt', () => {
  it('gives its events up to the last', async () => {
    const { data, error, attempts } = await run(createScriptedFetch({ ...good, hang: true }))
    expect({ data, error }).toEqual({ data: ['a', '[DONE]'], error: undefined })
    expect(attempts).toEqual([{ number: 1, resuming: false, delayMs: 0, error: undefined }])
  })

  it('sends nothing before the loop begins, and nothing when the signal is aborted', async () => {
    const fetch = createScriptedFetch(good)
    const reason = { why: 'left' }
    const events = streamEvents(URL_, { fetch, signal: AbortSignal.abort(reason) })
    expect(fetch.requests).toHaveLength(0)
    await expect(events.next()).rejects.toBe(reason)
    expect(fetch.requests).toHaveLength(0)
  })

  it('ends with a clean end when nobody says what the last event is', async () => {
    const { data, error } = await run(createScriptedFetch({ body: 'data: a\n\n' }), { isLast: undefined })
    expect({ data, error }).toEqual({ data: ['a'], error: undefined })
  })

  it.each(['GET', 'POST'])('of a %s without ids that ends too early is incomplete', async (method) => {
    const fetch = createScriptedFetch({ body: 'data: a\n\n' })
    const { data, error } = await run(fetch, { method })
    expect(error).toMatchObject({ name: 'StreamError', code: 'incomplete', retryable: false })
    expect(data).toEqual(['a'])
    expect(fetch.requests).toHaveLength(1)
  })

  it('discards an event that the end cuts off', async () => {
    const { data } = await run(createScriptedFetch({ body: 'data: a\n\ndata: b' }), { isLast: undefined })
    expect(data).toEqual(['a'])
  })

  it('offers the handshake in Accept, and nothing else of its own to a GET', async () => {
    const fetch = createScriptedFetch(good)
    await run(fetch)
    expect([...fetch.requests[0]!.headers]).toEqual([['accept', 'text/event-stream;rivulet=1']])
  })

  it.each([
    ['application/x-ndjson', '{"a":1}\n{"a":2}\n'],
    ['application/json; charset=utf-8', '[{"a":1},\n{"a":2}]'],
    ['application/jsonl', '{"a":1}\r\n{"a":2}'],
  ])('reads %s record by record', async (type, body) => {
    const fetch = createScriptedFetch({ headers: { 'content-type': type }, body })
    const { data, error } = await run(fetch, { isLast: undefined })
    expect({ data, error }).toEqual({ data: ['{"a":1}', '{"a":2}'], error: undefined })
  })

  it.each([
    ['{"a":1}\n{"a":"half', ['{"a":1}'], 'incomplete'],
    ['[{"a":1},\n{"a"', ['{"a":1}'], 'incomplete'],
    ['1\n2', ['1', '2'], undefined],
    ['{"a":1}\nupstream failed', ['{"a":1}', 'upstream failed'], undefined],
  ])('tells a JSON body that is cut from one that is whole: %j', async (body, records, code) => {
    const fetch = createScriptedFetch({ headers: { 'content-type': 'application/json' }, body })
    const { data, error } = await run(fetch, { isLast: undefined })
    expect(data).toEqual(records)
    expect((error as StreamError | undefined)?.code).toBe(code)
  })

  it('reads what the given parser reads, but never a page', async () => {
    const init = { parser: createJsonParser, isLast: undefined }
    const plain = createScriptedFetch({ headers: { 'content-type': 'text/plain' }, body: '{"a":1}\n' })
    expect((await run(plain, init)).data).toEqual(['{"a":1}'])
    const page = createScriptedFetch({ headers: { 'content-type': 'text/html' }, body: '<title>Hi</title>' })
    expect((await run(page, init)).error).toMatchObject({ code: 'content-type' })
  })

  it('has its figures', async () => {
    const events = streamEvents(URL_, { fetch: createScriptedFetch(good), isLast })
    expect(events.metrics).toMatchObject({ attempts: 0, events: 0, resumed: false })
    for await (const _ of events);
    expect(events.metrics).toMatchObject({ attempts: 1, events: 2, bytes: 23, resumed: false })
    expect(events.metrics.timeToHeadersMs).toBeGreaterThanOrEqual(0)
    expect(events.metrics.timeToFirstEventMs).toBeGreaterThanOrEqual(0)
  })
})

describe('before the headers', () => {
  const failures: [string, ScriptedReply][] = [
    ['a network error', { fails: new TypeError('fetch failed') }],
    ...[408, 425, 429, 500, 502, 503, 504].map((status): [string, ScriptedReply] => [
      `${status}`,
      { status, body: 'x' },
    ]),
  ]

  it.each(failures)('%s is tried again, GET and POST alike', async (_, reply) => {
    for (const init of [{}, POST]) {
      const fetch = createScriptedFetch(reply, reply, good)
      const { data, error, attempts } = await run(fetch, init)
      expect({ data, error }).toEqual({ data: ['a', '[DONE]'], error: undefined })
      expect(attempts.map(({ number, resuming }) => [number, resuming])).toEqual([
        [1, false],
        [2, false],
        [3, false],
      ])
      expect(fetch.requests.map(({ method, body }) => [method, body])).toEqual(
        Array.from({ length: 3 }, () => (init === POST ? ['POST', '{}'] : ['GET', undefined])),
      )
    }
  })

  it.each(failures)('%s is given up after three more attempts', async (_, reply) => {
    const fetch = createScriptedFetch(reply, reply, reply, reply)
    const { error, attempts } = await run(fetch)
    expect(error).toMatchObject({ name: 'StreamError', retryable: true })
    expect(fetch.requests).toHaveLength(4)
    expect(attempts.map((attempt) => attempt.error?.code)).toEqual([
      undefined,
      ...times(3, (error as StreamError).code),
    ])
  })

  it('the waits double, with full jitter, up to a cap', async () => {
    const reply = { status: 503 }
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    const none = await run(createScriptedFetch(...times(7, reply)), { retry: { limit: 6 } })
    expect(none.attempts.map(({ delayMs }) => delayMs)).toEqual([0, 0, 0, 0, 0, 0, 0])
    random.mockReturnValue(1)
    const full = await run(createScriptedFetch(...times(7, reply)), { retry: { limit: 6 } })
    expect(full.attempts.map(({ delayMs }) => delayMs)).toEqual([0, 500, 1000, 2000, 4000, 8000, 8000])
    expect(full.at).toEqual([0, 500, 1500, 3500, 7500, 15_500, 23_500])
    random.mockReturnValue(0.5)
    const own = await run(createScriptedFetch(...times(4, reply)), {
      retry: { baseMs: 100, maxMs: 300 },
    })
    expect(own.at).toEqual([0, 50, 150, 300])
  })

  it.each([
    ['7', 7000],
    ['0', 250],
    ['3600', 60_000],
    ['nonsense', 250],
  ])('Retry-After: %s is obeyed, up to a cap: %d ms', async (value, delayMs) => {
    const fetch = createScriptedFetch({ status: 429, headers: { 'retry-after': value } }, good)
    const { data, at } = await run(fetch)
    expect(at).toEqual([0, delayMs])
    expect(data).toEqual(['a', '[DONE]'])
  })

  it('Retry-After as a date is obeyed', async () => {
    vi.setSystemTime(Date.UTC(2026, 0, 1, 12))
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 12:00:09 GMT' }
    const { at } = await run(createScriptedFetch({ status: 503, headers }, good), {
      retry: { maxRetryAfterMs: 20_000 },
    })
    expect(at).toEqual([0, 9000])
  })

  it('a connect time-out is tried again for a GET', async () => {
    const { data, at } = await run(createScriptedFetch({ silent: true }, good))
    expect(data).toEqual(['a', '[DONE]'])
    expect(at).toEqual([0, 30_250])
  })

  it('a connect time-out of a POST is final: the server may be at work already', async () => {
    for (const idempotencyKey of [false, undefined] as const) {
      const fetch = createScriptedFetch({ silent: true })
      const { error } = await run(fetch, { ...POST, idempotencyKey })
      expect(error).toMatchObject({ code: 'timeout', retryable: true })
      expect(fetch.requests).toHaveLength(1)
    }
  })

  it('a connect time-out of a POST with a key that the caller chose is tried again, with that key', async () => {
    const fetch = createScriptedFetch({ silent: true }, good)
    expect((await run(fetch, { ...POST, idempotencyKey: 'k-1' })).data).toEqual(['a', '[DONE]'])
    expect(fetch.requests.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['k-1', 'k-1'])
  })

  it.each([400, 402, 404, 409, 410, 413, 422])('%i fails at once', async (status) => {
    const headers = { 'content-type': 'application/json' }
    const fetch = createScriptedFetch({ status, headers, body: '{"error":{"message":"No."}}' })
    const { error } = await run(fetch)
    expect(error).toMatchObject({
      code: 'http',
      status,
      retryable: false,
      message: `The server answered ${status}: No.`,
      body: '{"error":{"message":"No."}}',
    })
    expect(fetch.requests).toHaveLength(1)
  })

  it('a page at 200, and any other type that is no stream, fails at once', async () => {
    for (const type of ['text/html', 'text/plain', 'image/png', 'application/javascript']) {
      const fetch = createScriptedFetch({
        headers: { 'content-type': type },
        body: '<title>Sign in</title>',
      })
      const { error } = await run(fetch)
      expect(error).toMatchObject({ code: 'content-type', status: 200, body: '<title>Sign in</title>' })
      expect((error as Error).message).toContain('Sign in')
      expect(fetch.requests).toHaveLength(1)
    }
  })

  it('204 is no answer and is not asked for again', async () => {
    const fetch = createScriptedFetch({ status: 204 }, { status: 204 })
    expect((await run(fetch)).error).toMatchObject({ code: 'incomplete' })
    expect(await run(fetch, { isLast: undefined })).toMatchObject({ data: [], error: undefined })
    expect(fetch.requests).toHaveLength(2)
  })

  it.each([401, 403])('%i is asked once more with fresh headers', async (status) => {
    let token = 0
    const fetch = createScriptedFetch({ status }, good)
    const { data, at } = await run(fetch, { headers: async () => ({ authorization: `t${++token}` }) })
    expect(data).toEqual(['a', '[DONE]'])
    expect(at).toEqual([0, 0])
    expect(fetch.requests.map(({ headers }) => headers.get('authorization'))).toEqual(['t1', 't2'])
  })

  it('401 is final with fixed headers, and the second time', async () => {
    const fixed = createScriptedFetch({ status: 401 })
    expect((await run(fixed, { headers: { authorization: 't' } })).error).toMatchObject({ status: 401 })
    const twice = createScriptedFetch({ status: 401 }, { status: 401 })
    expect((await run(twice, { headers: () => ({}) })).error).toMatchObject({ status: 401 })
    expect(twice.requests).toHaveLength(2)
  })

  it.each<[string, () => { init: StreamEventsInit; input?: Request }]>([
    ['a stream', () => ({ init: { ...POST, body: new ReadableStream() } })],
    [
      'an async iterable',
      () => ({ init: { ...POST, body: (async function* () {})() as unknown as ReadableStream } }),
    ],
    ['a Request’s own', () => ({ init: {}, input: new Request(URL_, { method: 'POST', body: '{}' }) })],
  ])('a body that is %s is sent once, whatever happens', async (_, make) => {
    for (const reply of [{ status: 503 }, { status: 401 }, { fails: reset }] as ScriptedReply[]) {
      const fetch = createScriptedFetch(reply)
      const { init, input } = make()
      const { error } = await run(fetch, { ...init, headers: () => ({}) }, input)
      expect(error).toBeInstanceOf(StreamError)
      expect(fetch.requests).toHaveLength(1)
    }
  })

  it('a Request without a body, or with one of the caller’s, is sent again', async () => {
    const get = createScriptedFetch({ status: 503 }, good)
    expect((await run(get, {}, new Request(URL_))).data).toEqual(['a', '[DONE]'])
    const post = createScriptedFetch({ status: 503 }, good)
    const request = new Request(URL_, { method: 'POST', body: 'old' })
    expect((await run(post, { body: { new: 1 } }, request)).data).toEqual(['a', '[DONE]'])
    expect(post.requests.map(({ body }) => body)).toEqual(['{"new":1}', '{"new":1}'])
  })

  it('the body is made anew and headers are asked for on every attempt', async () => {
    const headers = vi.fn(() => ({ 'x-try': `${headers.mock.calls.length}` }))
    const fetch = createScriptedFetch({ status: 503 }, { status: 503 }, good)
    await run(fetch, { body: { a: 1 }, headers })
    expect(fetch.requests.map((request) => request.headers.get('x-try'))).toEqual(['1', '2', '3'])
    expect(fetch.requests.map(({ method, body }) => [method, body])).toEqual(times(3, ['POST', '{"a":1}']))
  })

  it.each<[string, unknown, StreamEventsInit['fetch']?]>([
    ['an error of a fetch of the caller’s own', new RangeError('mine')],
    ['nothing at all', undefined],
  ])('%s is thrown as it is', async (_, thrown) => {
    for (const init of [{}, POST]) {
      const fetch = vi.fn(async () => {
        throw thrown
      })
      await expect(streamEvents(URL_, { ...init, fetch }).next()).rejects.toBe(thrown)
      expect(fetch).toHaveBeenCalledOnce()
    }
    const headers = vi.fn(() => Promise.reject(thrown))
    await expect(streamEvents(URL_, { headers, fetch: createScriptedFetch() }).next()).rejects.toBe(thrown)
    expect(headers).toHaveBeenCalledOnce()
  })

  it('what no server would be asked is the caller’s to hear of, at once', async () => {
    await expect(streamEvents('http://[').next()).rejects.toThrow(TypeError)
    await expect(streamEvents(URL_, { method: 'GET', body: 'x' }).next()).rejects.toThrow(TypeError)
  })

  it.each([
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_OVERFLOW', 'network'],
    ['HPE_INVALID_HEADER_TOKEN', 'network'],
  ])('a POST is not sent again after %s: the server may have answered', async (code, expected) => {
    const fails = new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
    const fetch = createScriptedFetch({ fails })
    expect((await run(fetch, POST)).error).toMatchObject({ code: expected })
    expect(fetch.requests).toHaveLength(1)
  })

  it('an abort while an attempt fails is heard', async () => {
    for (const init of [{}, { ...POST, idempotencyKey: 'k' }]) {
      const controller = new AbortController()
      const scripted = createScriptedFetch({ silent: true })
      const fetch: StreamEventsInit['fetch'] = async (...args) => {
        try {
          return await scripted(...args)
        } catch (error) {
          controller.abort(new Error('enough'))
          throw error
        }
      }
      const options = { ...init, fetch, signal: controller.signal, timeout: { connect: 100 } }
      const result = expect(streamEvents(URL_, options).next()).rejects.toThrow('enough')
      await vi.advanceTimersByTimeAsync(1e5)
      await result
      expect(scripted.requests).toHaveLength(1)
    }
  })

  it('retry: false is one attempt', async () => {
    for (const reply of [{ status: 503 }, { fails: reset }, { status: 401 }] as ScriptedReply[]) {
      const fetch = createScriptedFetch(reply)
      expect((await run(fetch, { retry: false, headers: () => ({}) })).error).toBeInstanceOf(StreamError)
      expect(fetch.requests).toHaveLength(1)
    }
  })

  it('an abort while an error’s body is read is an abort', async () => {
    const controller = new AbortController()
    const fetch = createScriptedFetch({ status: 400, body: 'half', hang: true })
    const next = streamEvents(URL_, { fetch, signal: controller.signal }).next()
    const result = expect(next).rejects.toThrow('enough')
    await vi.advanceTimersByTimeAsync(100)
    controller.abort(new Error('enough'))
    await result
    expect(fetch.open).toBe(0)
  })

  it('an abort in the wait ends it at once', async () => {
    const controller = new AbortController()
    const fetch = createScriptedFetch({ status: 503, headers: { 'retry-after': '50' } })
    const next = streamEvents(URL_, { fetch, signal: controller.signal }).next()
    const result = expect(next).rejects.toThrow('enough')
    await vi.advanceTimersByTimeAsync(100)
    controller.abort(new Error('enough'))
    await result
    expect(vi.getTimerCount()).toBe(0)
    expect(fetch.requests).toHaveLength(1)
  })
})

describe('after the headers', () => {
  const breaks: [string, ScriptedReply, StreamEventsInit['timeout']?][] = [
    ['a break', { body: [event(1), reset] }],
    ['a clean end without the last event', { body: [event(1)] }],
    ['silence after an event', { body: [event(1)], hang: true }, { idle: 100 }],
    ['silence before one', { body: ['id: 1\n\n'], hang: true }, { firstEvent: 100 }],
  ]

  it.each(breaks)('a POST without a location is never sent again: %s', async (_, reply, timeout) => {
    const fetch = createScriptedFetch(reply)
    const { error } = await run(fetch, { ...POST, timeout, idempotencyKey: 'mine' })
    expect(error).toMatchObject({ code: timeout ? 'timeout' : 'incomplete', retryable: false })
    expect((error as StreamError).lastEventId).toBe('1')
    expect(fetch.requests).toHaveLength(1)
  })

  it.each(breaks)('a POST without an id is never sent again: %s', async (_, reply, timeout) => {
    const body = (reply.body as (string | Error)[]).map((piece) =>
      typeof piece === 'string' ? piece.replace('id: 1\n', '') : piece,
    )
    const fetch = createScriptedFetch({ ...reply, ...located(body) })
    const { error } = await run(fetch, { ...POST, timeout })
    expect(error).toMatchObject({ code: timeout ? 'timeout' : 'incomplete', retryable: false })
    expect(fetch.requests).toHaveLength(1)
  })

  it.each(breaks)('a POST with both is resumed by a GET of its location: %s', async (_, reply, timeout) => {
    const fetch = createScriptedFetch(
      { ...reply, ...located(reply.body!) },
      { body: [event(2), event(3, '[DONE]')] },
    )
    const init = { ...POST, timeout, headers: { authorization: 'mine' } }
    const { data, error } = await run(fetch, { ...init, idempotencyKey: 'k' })
    expect(error).toBeUndefined()
    expect(data.filter((each) => each !== '1')).toEqual(['2', '[DONE]'])
    const [, resume] = fetch.requests
    expect(resume).toMatchObject({ method: 'GET', url: 'https://api.example/streams/s1', body: null })
    expect(Object.fromEntries(resume!.headers)).toEqual({
      accept: 'text/event-stream;rivulet=1',
      authorization: 'mine',
      'last-event-id': '1',
    })
  })

  it.each(breaks)('a GET with ids is resumed as EventSource would: %s', async (_, reply, timeout) => {
    const fetch = createScriptedFetch(reply, { body: [event(2), event(3, '[DONE]')] })
    const { data, error } = await run(fetch, { timeout })
    expect(error).toBeUndefined()
    expect(data.filter((each) => each !== '1')).toEqual(['2', '[DONE]'])
    expect(fetch.requests[1]).toMatchObject({ method: 'GET', url: URL_ })
    expect(fetch.requests[1]!.headers.get('last-event-id')).toBe('1')
  })

  it('an id in any script goes into the header, in UTF-8', async () => {
    const fetch = createScriptedFetch({ body: ['id: é🙂\ndata: a\n\n', reset] }, { body: event(2, '[DONE]') })
    expect((await run(fetch)).data).toEqual(['a', '[DONE]'])
    const sent = fetch.requests[1]!.headers.get('last-event-id')!
    expect(new TextDecoder().decode(Uint8Array.from(sent, (byte) => byte.charCodeAt(0)))).toBe('é🙂')
  })

  it('a relay is asked by ?after=, which needs nobody’s leave, and keeps its other parameters', async () => {
    const fetch = createScriptedFetch(
      located([event(1), reset], '/streams/s1?x=1&after=0', 'text/event-stream; rivulet=1'),
      relayOnly([event(2), event(3, '[DONE]')]),
    )
    const { data } = await run(fetch, POST)
    expect(data).toEqual(['1', '2', '[DONE]'])
    expect(fetch.requests[1]!.url).toBe('https://api.example/streams/s1?x=1&after=1')
    expect([...fetch.requests[1]!.headers.keys()]).toEqual(['accept'])
  })

  it('an id alone can be resumed after, and an id whose event was cut off can not', async () => {
    const first = relayed(['id: 0\n\n', 'id: 7\ndata: lost', reset])
    const fetch = createScriptedFetch(first, relayOnly([event(7, '[DONE]')]))
    expect((await run(fetch, POST)).data).toEqual(['[DONE]'])
    expect(fetch.requests[1]!.url).toContain('?after=0')
  })

  it('a relay’s stream is resumed from its beginning when the first id was lost with the connection', async () => {
    const fetch = createScriptedFetch(relayed([reset]), relayOnly([event(1), event(2, '[DONE]')]))
    expect((await run(fetch, POST)).data).toEqual(['1', '[DONE]'])
    expect(fetch.requests[1]!.url).toBe('https://api.example/streams/s1')
  })

  it.each([
    'https://other.example/streams/1',
    'http://api.example/streams/1',
    '//evil.example/',
    'http://[',
    'data:text/event-stream,x',
  ])('a location elsewhere is none: %s', async (location) => {
    const fetch = createScriptedFetch(located([event(1), reset], location))
    expect((await run(fetch, POST)).error).toMatchObject({ code: 'incomplete' })
    expect(fetch.requests).toHaveLength(1)
  })

  it('progress gives the attempts back, its lack does not', async () => {
    const steady = Array.from({ length: 12 }, (_, i) => ({ body: [event(i + 1), reset] }))
    const progress = createScriptedFetch(...steady, { body: [event(13, '[DONE]')] })
    expect((await run(progress)).data).toHaveLength(13)
    const stuck = createScriptedFetch({ body: [event(1), reset] }, ...times(3, { body: [': hi\n', reset] }))
    expect((await run(stuck)).error).toMatchObject({ code: 'incomplete', retryable: false, lastEventId: '1' })
    expect(stuck.requests).toHaveLength(4)
  })

  it('nothing is lost and nothing comes twice, wherever it breaks', async () => {
    const events = Array.from({ length: 8 }, (_, i) => event(i + 1, i === 7 ? '[DONE]' : `é${i}`))
    const bytes = new TextEncoder().encode(events.join(''))
    for (let at = 0; at <= bytes.length; at++) {
      const requests: string[] = []
      const fetch = async (url: unknown): Promise<Response> => {
        const after = Number(new URL(String(url)).searchParams.get('after') ?? 0)
        const body =
          requests.push(String(url)) === 1
            ? [new TextEncoder().encode('id: 0\n\n'), bytes.slice(0, at)]
            : [new TextEncoder().encode(events.slice(after).join(''))]
        const stream = new ReadableStream({
          pull(controller) {
            const chunk = body.shift()
            if (chunk) controller.enqueue(chunk)
            else if (requests.length === 1) controller.error(reset)
            else controller.close()
          },
        })
        const headers = { 'content-type': 'text/event-stream; rivulet=1', 'content-location': 'streams/1' }
        return new Response(stream, { headers })
      }
      const data: string[] = []
      const loop = async (): Promise<void> => {
        for await (const each of streamEvents(URL_, { ...POST, fetch, isLast })) data.push(each.data)
      }
      const done = loop()
      await vi.advanceTimersByTimeAsync(1000)
      await done
      expect(data, `cut at ${at}`).toEqual(events.map((each) => /data: (.*)/.exec(each)![1]))
    }
  })

  it('the server’s retry: is the least wait, up to a cap', async () => {
    const resumed = { body: [event(2, '[DONE]')] }
    const asked = await run(createScriptedFetch({ body: ['retry: 3000\n', event(1), reset] }, resumed))
    expect(asked.at).toEqual([0, 3000])
    const endless = await run(createScriptedFetch({ body: ['retry: 9999999\n', event(1), reset] }, resumed))
    expect(endless.at).toEqual([0, 60_000])
  })

  it('limit exceeded stops the stream, and is no reason to resume', async () => {
    const fetch = createScriptedFetch(located([event(1), `id: 2\ndata: ${'x'.repeat(500)}`], undefined))
    const { data, error } = await run(fetch, { ...POST, maxEventBytes: 100 })
    expect(data).toEqual(['1'])
    expect(error).toMatchObject({ code: 'limit' })
    expect(fetch.requests).toHaveLength(1)
  })

  it('retry: false resumes nothing', async () => {
    const fetch = createScriptedFetch({ body: [event(1), reset] })
    expect((await run(fetch, { retry: false })).error).toMatchObject({ code: 'incomplete', lastEventId: '1' })
  })

  it('a status that a caller’s function throws is not the stream’s', async () => {
    const mine = new StreamError('network', 'mine', { retryable: true })
    const fail = (): never => {
      throw mine
    }
    const reply = { body: [event(1), event(2)], hang: true }
    for (const init of [{ onOpen: fail }, { isLast: fail }, { headers: fail }, { onAttempt: fail }]) {
      const fetch = createScriptedFetch(reply)
      expect((await run(fetch, init)).error).toBe(mine)
      expect(fetch.requests.length).toBeLessThanOrEqual(1)
    }
    const fetch = createScriptedFetch(reply)
    const loop = async (): Promise<void> => {
      for await (const _ of streamEvents(URL_, { fetch })) fail()
    }
    await expect(loop()).rejects.toBe(mine)
    expect(fetch.requests).toHaveLength(1)
    expect(fetch.open).toBe(0)
  })
})

describe('resuming', () => {
  const first = located([event(1), reset])

  it('goes on with 200, and tells the attempts', async () => {
    const { attempts } = await run(createScriptedFetch(first, { body: [event(2, '[DONE]')] }), POST)
    expect(attempts).toEqual([
      { number: 1, resuming: false, delayMs: 0, error: undefined },
      { number: 2, resuming: true, delayMs: 250, error: expect.objectContaining({ code: 'incomplete' }) },
    ])
  })

  it('keeps the figures over all attempts', async () => {
    const fetch = createScriptedFetch(first, { body: [event(2, '[DONE]')] })
    const events = streamEvents(URL_, { ...POST, fetch, isLast })
    const loop = async (): Promise<void> => {
      for await (const _ of events);
    }
    const done = loop()
    await vi.advanceTimersByTimeAsync(1000)
    await done
    expect(events.metrics).toMatchObject({ attempts: 2, events: 2, bytes: 15 + 20, resumed: true })
    expect(events.metrics.longestGapMs).toBeGreaterThanOrEqual(250)
  })

  it('204 says that there is no more: incomplete where a last event is missing, else the end', async () => {
    const fetch = createScriptedFetch(first, { status: 204 })
    expect((await run(fetch, POST)).error).toMatchObject({ code: 'incomplete', lastEventId: '1' })
    expect(fetch.requests).toHaveLength(2)
    const free = createScriptedFetch(first, { status: 204 })
    expect(await run(free, { ...POST, isLast: undefined })).toMatchObject({ data: ['1'], error: undefined })
  })

  it.each([404, 410])('%i is gone', async (status) => {
    const fetch = createScriptedFetch(first, { status, body: 'no such stream' })
    const { data, error } = await run(fetch, POST)
    expect(error).toMatchObject({ code: 'gone', status, retryable: false, lastEventId: '1' })
    expect(data).toEqual(['1'])
    expect(fetch.requests).toHaveLength(2)
  })

  it('401 is asked once more with fresh headers; then it fails', async () => {
    let token = 0
    const headers = (): Record<string, string> => ({ authorization: `t${++token}` })
    const fetch = createScriptedFetch(first, { status: 401 }, { body: [event(2, '[DONE]')] })
    expect((await run(fetch, { ...POST, headers })).data).toEqual(['1', '[DONE]'])
    expect(fetch.requests.map((request) => request.headers.get('authorization'))).toEqual(['t1', 't2', 't3'])
    const again = createScriptedFetch(first, { status: 401 }, { status: 401 })
    const { error } = await run(again, { ...POST, headers })
    expect(error).toMatchObject({ code: 'http', status: 401, retryable: false, lastEventId: '1' })
    expect(again.requests).toHaveLength(3)
    const later = createScriptedFetch(
      first,
      { status: 401 },
      { body: [event(2), reset] },
      { status: 401 },
      { body: [event(3, '[DONE]')] },
    )
    expect((await run(later, { ...POST, headers })).data).toEqual(['1', '2', '[DONE]'])
  })

  it.each<[string, ScriptedReply]>([
    ['429', { status: 429 }],
    ['503', { status: 503 }],
    ['a network error', { fails: reset }],
    ['no headers in time', { silent: true }],
  ])('%s has the retry budget', async (_, reply) => {
    const fetch = createScriptedFetch(first, reply, reply, { body: [event(2, '[DONE]')] })
    expect((await run(fetch, POST)).data).toEqual(['1', '[DONE]'])
    const never = createScriptedFetch(first, reply, reply, reply)
    const { error } = await run(never, POST)
    expect(error).toMatchObject({ retryable: false, lastEventId: '1' })
    expect(never.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET'])
  })

  it('a page, or another 4xx, fails', async () => {
    const html = createScriptedFetch(first, {
      headers: { 'content-type': 'text/html' },
      body: '<title>x</title>',
    })
    expect((await run(html, POST)).error).toMatchObject({ code: 'content-type', retryable: false })
    const bad = createScriptedFetch(first, { status: 400 })
    expect((await run(bad, POST)).error).toMatchObject({ code: 'http', status: 400, lastEventId: '1' })
  })

  it('takes a one-shot body’s stream on, too: it is not sent again', async () => {
    const fetch = createScriptedFetch(first, { body: [event(2, '[DONE]')] })
    const request = new Request(URL_, { method: 'POST', body: '{}', credentials: 'include' })
    expect((await run(fetch, { idempotencyKey: false }, request)).data).toEqual(['1', '[DONE]'])
    expect(fetch.requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  it('does not follow a redirect to another origin: the caller’s headers are none of its business', async () => {
    const fetch = vi.fn(async (): Promise<Response> => {
      const response = new Response(event(1), { headers: { ...SSE, 'content-location': '/s/1' } })
      return Object.defineProperty(response, 'url', { value: 'https://moved.example/a/b' })
    })
    const events = streamEvents(URL_, { ...POST, fetch, isLast, headers: { authorization: 'mine' } })
    await events.next()
    await expect(events.next()).rejects.toMatchObject({ code: 'incomplete' })
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('is not done by a JSON of the same name', async () => {
    const json = { headers: { 'content-type': 'application/json' }, body: '{"object":"chat.completion"}' }
    for (const ending of [isLast, undefined]) {
      const { data, error } = await run(createScriptedFetch(first, json), { ...POST, isLast: ending })
      expect(data).toEqual(['1'])
      expect(error).toMatchObject({ code: 'content-type', retryable: false })
    }
  })

  it('of a server that begins anew each time comes to an end', async () => {
    const again = { body: [event(1), event(2), event(3), reset] }
    const fetch = createScriptedFetch(...times(4, again))
    expect((await run(fetch)).error).toMatchObject({ code: 'incomplete', lastEventId: '3' })
    expect(fetch.requests).toHaveLength(4)
  })
})

describe('a relay', () => {
  it('ends the stream itself, whatever the events say', async () => {
    const fetch = createScriptedFetch(relayed([event(1), 'event: rivulet.end\ndata: {}\n\n']))
    expect(await run(fetch, { ...POST, isLast: undefined })).toMatchObject({ data: ['1'], error: undefined })
  })

  it('that ends a body without saying so broke off', async () => {
    const fetch = createScriptedFetch(
      relayed([event(1)]),
      relayOnly([event(2), 'event: rivulet.end\ndata: {}\n\n']),
    )
    expect(await run(fetch, { ...POST, isLast: undefined })).toMatchObject({
      data: ['1', '2'],
      error: undefined,
    })
  })

  it('that ends before the last event that was waited for is incomplete, and has no more', async () => {
    const fetch = createScriptedFetch(relayed([event(1), 'event: rivulet.end\ndata: {}\n\n']))
    expect((await run(fetch, POST)).error).toMatchObject({ code: 'incomplete', retryable: false })
    expect(fetch.requests).toHaveLength(1)
  })

  it('reports what went wrong behind it', async () => {
    const error = '{"code":"upstream_died","status":502,"message":"The provider broke off."}'
    const fetch = createScriptedFetch(relayed([event(1), `event: rivulet.error\ndata: ${error}\n\n`]))
    const outcome = await run(fetch, POST)
    expect(outcome.data).toEqual(['1'])
    expect(outcome.error).toMatchObject({
      code: 'provider',
      providerCode: 'upstream_died',
      message: 'The provider broke off.',
      lastEventId: '1',
    })
  })

  it('that reports it in words that are no JSON is quoted', async () => {
    const fetch = createScriptedFetch(relayed([event(1), 'event: rivulet.error\ndata: oops\n\n']))
    expect((await run(fetch, POST)).error).toMatchObject({ code: 'provider', message: 'oops' })
  })

  it.each(['break', 'abort', 'throw'])('is told to stop by a %s', async (how) => {
    const fetch = createScriptedFetch({ ...relayed([event(1)]), hang: true }, { status: 204 })
    const controller = new AbortController()
    const loop = async (): Promise<void> => {
      const init = { ...POST, fetch, signal: controller.signal, headers: { authorization: 'mine' } }
      for await (const _ of streamEvents(URL_, init)) {
        if (how === 'break') break
        if (how === 'throw') throw new Error('mine')
        controller.abort()
      }
    }
    await loop().catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    const [, stop] = fetch.requests
    expect(stop).toMatchObject({ method: 'POST', url: 'https://api.example/streams/s1/stop', body: null })
    expect(stop!.headers.get('authorization')).toBe('mine')
    expect(fetch.open).toBe(0)
  })

  it('is not told to stop what has ended or failed', async () => {
    const ended = createScriptedFetch(relayed([event(1, '[DONE]')]))
    await run(ended, POST)
    const failed = createScriptedFetch(relayed([event(1), reset]), ...times(3, { fails: reset }))
    await run(failed, POST)
    expect(ended.requests).toHaveLength(1)
    expect(failed.requests).toHaveLength(4)
  })

  it('alone is told to stop: another server would not know what to do with it', async () => {
    const fetch = createScriptedFetch({ ...located([event(1)]), hang: true })
    for await (const _ of streamEvents(URL_, { ...POST, fetch })) break
    await vi.advanceTimersByTimeAsync(0)
    expect(fetch.requests).toHaveLength(1)
  })
})

describe('network and visibility', () => {
  const inBrowser = 'document' in globalThis
  let online: boolean
  let hidden: boolean
  const listening = new Set<unknown>()
  const fire = (type: string): void => void globalThis.dispatchEvent(new Event(type))

  /** The browser's own events, and what a page sees of the network and itself; made up where there is no browser. */
  beforeEach(() => {
    online = true
    hidden = false
    listening.clear()
    if (!inBrowser) {
      vi.stubGlobal('navigator', { onLine: true })
      vi.stubGlobal('document', { hidden: false })
      const target = new EventTarget()
      for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'] as const) {
        vi.stubGlobal(name, target[name].bind(target))
      }
    }
    const { document } = globalThis as unknown as { document: { hidden: boolean } }
    for (const [object, name, value] of [
      [navigator, 'onLine', () => online],
      [document, 'hidden', () => hidden],
    ] as const) {
      Object.defineProperty(object, name, { get: value, configurable: true })
    }
    const { addEventListener: add, removeEventListener: remove } = globalThis
    vi.stubGlobal('addEventListener', (...args: Parameters<typeof add>) => {
      listening.add(args[1])
      add(...args)
    })
    vi.stubGlobal('removeEventListener', (...args: Parameters<typeof remove>) => {
      listening.delete(args[1])
      remove(...args)
    })
  })
  afterEach(() => {
    if (!inBrowser) return
    const { document } = globalThis as unknown as { document: object }
    Reflect.deleteProperty(document, 'hidden')
    Reflect.deleteProperty(navigator, 'onLine')
  })

  it('offline, the next attempt waits for the network and is not counted', async () => {
    online = false
    const fails = { fails: reset }
    const fetch = createScriptedFetch(...times(6, fails), good)
    const delays: unknown[] = []
    const data: string[] = []
    const loop = async (): Promise<void> => {
      const onAttempt = ({ delayMs }: Attempt): void => void delays.push(delayMs)
      for await (const each of streamEvents(URL_, { fetch, isLast, onAttempt })) data.push(each.data)
    }
    const done = loop()
    for (let i = 1; i <= 6; i++) {
      await vi.advanceTimersByTimeAsync(1e6)
      expect(fetch.requests).toHaveLength(i)
      fire('online')
    }
    await done
    expect(data).toEqual(['a', '[DONE]'])
    expect(delays).toEqual([0, ...times(6, undefined)])
    expect(listening.size, 'listeners left').toBe(0)
  })

  it('offline, an answer proves that there is a network', async () => {
    online = false
    expect((await run(createScriptedFetch({ status: 503 }, good))).data).toEqual(['a', '[DONE]'])
  })

  it('offline, an abort ends the wait', async () => {
    online = false
    const controller = new AbortController()
    const fetch = createScriptedFetch({ fails: reset })
    const next = streamEvents(URL_, { fetch, signal: controller.signal }).next()
    const result = expect(next).rejects.toThrow('enough')
    await vi.advanceTimersByTimeAsync(1000)
    controller.abort(new Error('enough'))
    await result
    expect(listening.size, 'listeners left').toBe(0)
  })

  it('a request is made though the browser believes to be offline: the server may be on this machine', async () => {
    online = false
    expect((await run(createScriptedFetch(good))).data).toEqual(['a', '[DONE]'])
  })

  /** Lets the clock run on without its timers, as a machine does that sleeps. */
  const sleep = (ms: number): void => void vi.setSystemTime(Date.now() + ms)

  it.each(['online', 'visibilitychange'])(
    '%s looks at a stalled stream at once, and resumes it',
    async (type) => {
      const fetch = createScriptedFetch({ body: [event(1)], hang: true }, { body: [event(2, '[DONE]')] })
      const events = streamEvents(URL_, { fetch, isLast, timeout: { idle: 60_000 } })
      await events.next()
      const next = events.next()
      await vi.advanceTimersByTimeAsync(0)
      sleep(19_000)
      fire(type)
      await vi.advanceTimersByTimeAsync(0)
      expect(fetch.requests).toHaveLength(1)
      sleep(1000)
      fire(type)
      await vi.advanceTimersByTimeAsync(250)
      expect((await next).value).toMatchObject({ data: '[DONE]' })
      await events.next()
      expect(listening.size, 'listeners left').toBe(0)
    },
  )

  it('a stream that cannot be resumed has its whole time, and no more after a sleep', async () => {
    const fetch = createScriptedFetch({ body: ['data: a\n\n'], hang: true })
    const events = streamEvents(URL_, { ...POST, fetch })
    await events.next()
    const next = events.next()
    const result = expect(next).rejects.toMatchObject({ code: 'timeout' })
    await vi.advanceTimersByTimeAsync(0)
    sleep(59_000)
    fire('online')
    await vi.advanceTimersByTimeAsync(0)
    expect(fetch.open).toBe(1)
    sleep(1000)
    fire('online')
    await result
    expect(fetch.requests).toHaveLength(1)
  })

  it('a tab that is hidden and shown changes nothing of a stream that lives', async () => {
    const fetch = createScriptedFetch({ body: [event(1), event(2)], hang: true })
    const events = streamEvents(URL_, { fetch })
    await events.next()
    for (const each of [true, false, true]) {
      hidden = each
      fire('visibilitychange')
    }
    expect((await events.next()).value).toMatchObject({ data: '2' })
    const next = events.next()
    await vi.advanceTimersByTimeAsync(0)
    sleep(30_000)
    fire('visibilitychange')
    await vi.advanceTimersByTimeAsync(0)
    expect(fetch.requests).toHaveLength(1)
    expect(fetch.open).toBe(1)
    const left = events.return()
    await expect(next).rejects.toMatchObject({ name: 'AbortError' })
    await left
  })

  it('a slow consumer is no stall', async () => {
    const fetch = createScriptedFetch({ body: [event(1), event(2)], hang: true })
    const events = streamEvents(URL_, { fetch })
    await events.next()
    sleep(1e6)
    fire('online')
    expect((await events.next()).value).toMatchObject({ data: '2' })
    await events.return()
    expect(fetch.requests).toHaveLength(1)
  })
})

describe('leaving', () => {
  it('has ended the request when break returns', async () => {
    const fetch = createScriptedFetch({ body: [event(1)], hang: true })
    for await (const _ of streamEvents(URL_, { fetch })) break
    expect(fetch.requests[0]!.cancelled).toBe(true)
    expect(fetch.open).toBe(0)
  })

  it('is not held up by a next() that waits', async () => {
    for (const reply of [{ silent: true }, { hang: true }] as ScriptedReply[]) {
      const fetch = createScriptedFetch(reply)
      const events = streamEvents(URL_, { fetch })
      const next = events.next()
      const result = expect(next).rejects.toMatchObject({ name: 'AbortError' })
      await vi.advanceTimersByTimeAsync(0)
      await events.return()
      await result
      expect(fetch.open).toBe(0)
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('reads no faster than the loop takes', async () => {
    const fetch = createScriptedFetch({ body: [event(1), event(2), event(3)] })
    const events = streamEvents(URL_, { fetch })
    await events.next()
    await vi.advanceTimersByTimeAsync(1e6)
    expect(fetch.requests[0]!.taken).toBe(1)
    await events.return()
  })

  it('undoes what it subscribed to the caller’s signal', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await run(createScriptedFetch(good), { signal })
    await run(createScriptedFetch({ status: 400 }), { signal })
    for await (const _ of streamEvents(URL_, { fetch: createScriptedFetch(good), signal })) break
    expect(added).toHaveBeenCalledTimes(3)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
  })
})
