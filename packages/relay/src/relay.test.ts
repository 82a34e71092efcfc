import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RelayLogEntry } from './log.ts'
import { answering, API_KEY, errorOf, EVENTS, getModels, post, relayTo } from '../test/relay-to.ts'

afterEach(() => void vi.useRealTimers())

describe('chat completions', () => {
  test('sends the client’s bytes with the server’s key, and passes the upstream’s bytes on', async () => {
    const send = answering()
    const response = await relayTo(send).fetch(post('{ "model": "x" }'))
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(EVENTS)
    const [url, init] = send.mock.calls[0]!
    expect(url).toBe('https://api.test/v1/chat/completions')
    expect(init?.method).toBe('POST')
    expect(init?.redirect).toBe('manual')
    expect(new TextDecoder().decode(init?.body as Uint8Array)).toBe('{ "model": "x" }')
    expect(new Headers(init?.headers).get('authorization')).toBe(`Bearer ${API_KEY}`)
  })

  test('an event stream has headers that no proxy buffers', async () => {
    const response = await relayTo(answering(EVENTS, { headers: { 'x-request-id': 'req_1' } })).fetch(post())
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'req_1',
    })
  })

  test('an answer that is not streamed is passed on as well', async () => {
    const json = '{"choices":[]}'
    const response = await relayTo(
      answering(json, { headers: { 'content-type': 'application/json' } }),
    ).fetch(post())
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toBe(json)
  })

  test('an answer without a body', async () => {
    const response = await relayTo(answering(null, { status: 204 })).fetch(post())
    expect(response.status).toBe(204)
    expect(response.body).toBeNull()
  })

  test('an upstream that breaks off makes the body fail', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
      pull: (controller) => controller.error(new TypeError('terminated')),
    })
    const response = await relayTo(answering(body)).fetch(post())
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
  })
})

describe('where it is mounted', () => {
  test.each([
    ['/v1/chat/completions'],
    ['/llm/v1/chat/completions'],
    ['/a/v1/b/v1/chat/completions?x=/v1/models'],
  ])('%s', async (path) => {
    const send = answering()
    expect((await relayTo(send).fetch(post('{}', {}, path))).status).toBe(200)
    expect(send.mock.calls[0]?.[0]).toBe('https://api.test/v1/chat/completions')
  })

  test.each([['/'], ['/v1'], ['/v1/'], ['/v1/chat/completions/'], ['/v1/../v1/embeddings'], ['/V1/models']])(
    '%s is nothing',
    async (path) => {
      const send = answering()
      const error = await errorOf(await relayTo(send).fetch(post('{}', {}, path)))
      expect(error).toMatchObject({ status: 404, code: 'not_found', type: 'relay_error' })
      expect(send).not.toHaveBeenCalled()
    },
  )

  test.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['DELETE', '/v1/chat/completions', 'POST'],
    ['POST', '/v1/models', 'GET'],
  ])('%s %s is told to use %s', async (method, path, allow) => {
    const response = await relayTo(answering()).fetch(new Request(`http://relay.test${path}`, { method }))
    expect(response.headers.get('allow')).toBe(allow)
    expect(await errorOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' })
  })
})

describe('a bad request', () => {
  test.each([
    ['no JSON', post('hello'), 400, 'invalid_json'],
    ['too long', post(JSON.stringify({ a: 'x'.repeat(100) })), 413, 'body_too_large'],
    ['text', post('{}', { headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_media_type'],
  ])('%s never reaches the upstream', async (_, request, status, code) => {
    const send = answering()
    const response = await relayTo(send, { maxBodyBytes: 100 }).fetch(request)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await errorOf(response)).toMatchObject({ status, code, type: 'relay_error' })
    expect(send).not.toHaveBeenCalled()
  })
})

describe('an upstream that refuses', () => {
  test.each([[400], [401], [403], [404], [429], [500], [503]])(
    '%i is passed on with its JSON',
    async (status) => {
      const own = { error: { message: 'no', type: 'own' } }
      const headers = { 'content-type': 'application/json', 'retry-after': '7' }
      const response = await relayTo(answering(JSON.stringify(own), { status, headers })).fetch(post())
      expect(response.status).toBe(status)
      expect(response.headers.get('retry-after')).toBe('7')
      expect(await response.json()).toEqual(own)
    },
  )

  test('a web page becomes JSON', async () => {
    const headers = { 'content-type': 'text/html' }
    const response = await relayTo(answering('<h1>Bad gateway</h1>', { status: 502, headers })).fetch(post())
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await errorOf(response)).toMatchObject({
      status: 502,
      code: 'upstream_error',
      type: 'relay_error',
    })
  })

  test.each([[post], [getModels]])('no part of the key is shown (%#)', async (request) => {
    const message = `Incorrect API key provided: ${API_KEY.slice(0, 12)}****6789. Or ${API_KEY}?`
    const own = JSON.stringify({ error: { message } })
    const response = await relayTo(answering(own, { status: 401 })).fetch(request())
    expect(response.status).toBe(401)
    expect(await response.text()).not.toMatch(/sk-|6789/)
  })
})

describe('leaving and closing', () => {
  test('a client that leaves before the headers aborts the request to the upstream', async () => {
    const client = new AbortController()
    const send = vi.fn<typeof fetch>(
      (_, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    )
    const answer = relayTo(send).fetch(post('{}', { signal: client.signal }))
    await vi.waitFor(() => expect(send).toHaveBeenCalled())
    client.abort()
    expect((await answer).status).toBe(499)
  })

  test('a client that has left already sends nothing', async () => {
    const send = answering()
    const client = new AbortController()
    const request = post('{}', { signal: client.signal })
    const relay = relayTo(send, { authorize: () => (client.abort(), true) })
    await relay.fetch(request)
    expect(send).not.toHaveBeenCalled()
  })

  describe.each([
    ['a list of models', getModels, 200],
    ['an error of the models', getModels, 500],
    ['an error', post, 500],
  ] as const)('in the middle of %s', (_, request, status) => {
    /** An upstream whose answer begins, and breaks when it is aborted, as the real fetch's does. */
    function setUp() {
      const log = vi.fn<(entry: RelayLogEntry) => void>()
      const client = new AbortController()
      let begin!: () => void
      const begun = new Promise<void>((resolve) => (begin = resolve))
      const send: typeof fetch = async (_, init) => {
        const body = new ReadableStream({
          start: (controller) =>
            init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason)),
          pull: () => begin(),
        })
        return new Response(body, { status, headers: { 'content-type': 'application/json' } })
      }
      const relay = relayTo(send, { log })
      const answer = relay.fetch(new Request(request(), { signal: client.signal }))
      return { relay, client, answer, log, begun }
    }

    test('the client leaves', async () => {
      const { client, answer, log, begun } = setUp()
      await begun
      client.abort()
      expect((await answer).status).toBe(499)
      expect(log.mock.lastCall?.[0]).toMatchObject({ status: 499, code: 'client_left', end: 'aborted' })
    })

    test('the relay closes', async () => {
      const { relay, answer, log, begun } = setUp()
      await begun
      await relay.close()
      expect((await answer).status).toBe(503)
      expect(log.mock.lastCall?.[0]).toMatchObject({ status: 503, code: 'closed' })
    })
  })

  test('a client that leaves just as the headers arrive is logged with its route', async () => {
    const log = vi.fn<(entry: RelayLogEntry) => void>()
    const client = new AbortController()
    const cancelled = vi.fn()
    const send: typeof fetch = async () => {
      client.abort()
      return new Response(new ReadableStream({ cancel: cancelled }))
    }
    const response = await relayTo(send, { log }).fetch(post('{}', { signal: client.signal }))
    expect(response.status).toBe(499)
    expect(cancelled).toHaveBeenCalledOnce()
    expect(log).toHaveBeenCalledOnce()
    expect(log.mock.lastCall?.[0]).toMatchObject({
      route: '/v1/chat/completions',
      status: 499,
      code: 'client_left',
      end: 'aborted',
    })
  })

  test('cancelling the body aborts the request to the upstream', async () => {
    const send = answering(new ReadableStream())
    const response = await relayTo(send).fetch(post())
    await response.body?.cancel()
    expect(send.mock.calls[0]?.[1]?.signal?.aborted).toBe(true)
  })

  test.each([
    ['a list of models', getModels, 200],
    ['an error', post, 500],
  ] as const)('after %s the request to the upstream is over', async (_, request, status) => {
    const headers = { 'content-type': 'application/json' }
    const send = answering('{}', { status, headers })
    expect((await relayTo(send).fetch(request())).status).toBe(status)
    expect(send.mock.calls[0]?.[1]?.signal?.aborted).toBe(true)
  })

  test('an answer without a body lets go of its client', async () => {
    const { signal } = new AbortController()
    const request = post('{}')
    Object.defineProperty(request, 'signal', { value: signal })
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await relayTo(answering(null, { status: 204 })).fetch(request)
    const listener = added.mock.calls.at(-1)?.[1]
    expect(listener).toBeDefined()
    expect(removed).toHaveBeenCalledWith('abort', listener)
  })

  test('close() fails what runs, and later requests are 503', async () => {
    const relay = relayTo(answering(new ReadableStream()))
    const running = await relay.fetch(post())
    await relay.close()
    await expect(running.text()).rejects.toThrow()
    expect(await errorOf(await relay.fetch(post()))).toMatchObject({ status: 503, code: 'closed' })
  })

  test('a thousand that leave at once leave nothing behind', async () => {
    vi.useFakeTimers()
    const signals: (AbortSignal | null | undefined)[] = []
    const send: typeof fetch = async (_, init) => {
      signals.push(init?.signal)
      return new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })
    }
    const relay = relayTo(send)
    const reads = Array.from({ length: 1000 }, async () => {
      const client = new AbortController()
      const response = await relay.fetch(post('{}', { signal: client.signal }))
      const reading = response.text().catch(() => 'failed')
      client.abort()
      return reading
    })
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['failed']))
    expect(signals.filter((signal) => signal?.aborted)).toHaveLength(1000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
