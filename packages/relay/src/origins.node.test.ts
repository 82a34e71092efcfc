import { Hono } from 'hono'
import { describe, expect, test, vi } from 'vitest'
import { createRelay } from './relay.ts'

// In Node only: a browser does not let a script set Origin, Host or Sec-Fetch-Site.

function setUp(origins: string[] = [], hosts?: string[]) {
  const send = vi.fn<typeof fetch>(
    async () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
  )
  const upstream = { baseUrl: 'https://api.test/v1' }
  return { send, relay: createRelay({ upstream, authorize: false, origins, hosts, fetch: send }) }
}

function post(headers: Record<string, string>, url = 'http://relay.test/v1/chat/completions'): Request {
  return new Request(url, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', ...headers },
  })
}

describe('who may ask', () => {
  test.each([
    ['no page', {}],
    ['a page of its own origin', { origin: 'http://relay.test' }],
    [
      'a page of its own origin behind TLS',
      { origin: 'https://relay.test', 'sec-fetch-site': 'same-origin' },
    ],
    ['a listed page', { origin: 'https://page.test' }],
  ])('%s', async (_, headers) => {
    const { relay } = setUp(['https://page.test'])
    expect((await relay.fetch(post(headers as Record<string, string>))).status).toBe(200)
  })

  test.each([
    ['https://evil.test'],
    ['http://page.test'],
    ['https://page.test:444'],
    ['https://page.test.evil.test'],
    ['https://PAGE.test'],
    ['null'],
    [''],
  ])('not a page of %j', async (origin) => {
    const { relay, send } = setUp(['https://page.test'])
    for (const request of [
      post({ origin }),
      new Request('http://relay.test/v1/models', { headers: { origin } }),
      new Request('http://relay.test/v1/models', { method: 'OPTIONS', headers: { origin } }),
    ]) {
      const response = await relay.fetch(request)
      expect(response.status).toBe(403)
      expect(response.headers.get('vary')).toMatch(/Origin/)
      expect(response.headers.has('access-control-allow-origin')).toBe(false)
      expect(await response.json()).toMatchObject({
        error: { code: 'origin_not_allowed', type: 'relay_error' },
      })
    }
    expect(send).not.toHaveBeenCalled()
  })
})

describe('CORS', () => {
  test('a listed page may read the answer and the headers it needs', async () => {
    const { relay } = setUp(['https://page.test'])
    const { headers } = await relay.fetch(post({ origin: 'https://page.test' }))
    expect(headers.get('access-control-allow-origin')).toBe('https://page.test')
    expect(headers.get('access-control-expose-headers')).toBe('content-location,retry-after,x-request-id')
    expect(headers.get('vary')).toMatch(/Origin/)
    expect(headers.has('access-control-allow-credentials')).toBe(false)
  })

  test('it may read what the relay refuses, too', async () => {
    const { relay } = setUp(['https://page.test'])
    for (const url of ['http://relay.test/nothing', 'http://relay.test/v1/models']) {
      const { headers, status } = await relay.fetch(post({ origin: 'https://page.test' }, url))
      expect(status).toBeGreaterThanOrEqual(404)
      expect(headers.get('access-control-allow-origin')).toBe('https://page.test')
    }
  })

  test('its preflight is answered with what it asks for', async () => {
    const { relay, send } = setUp(['https://page.test'])
    const response = await relay.fetch(
      new Request('http://relay.test/v1/chat/completions', {
        method: 'OPTIONS',
        headers: {
          origin: 'https://page.test',
          'access-control-request-method': 'POST',
          'access-control-request-headers':
            'authorization,content-type,idempotency-key,last-event-id,x-stainless-os',
        },
      }),
    )
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://page.test')
    expect(response.headers.get('access-control-allow-methods')).toBe('GET,POST')
    expect(response.headers.get('access-control-allow-headers')).toBe(
      'authorization,content-type,idempotency-key,last-event-id,x-stainless-os',
    )
    expect(send).not.toHaveBeenCalled()
  })

  test('without listed origins nothing is allowed', async () => {
    const { relay } = setUp()
    expect((await relay.fetch(post({}))).headers.has('access-control-allow-origin')).toBe(false)
  })
})

describe('a request without an Origin', () => {
  test.each([
    [undefined, 200],
    ['none', 200],
    ['same-origin', 200],
    ['same-site', 403],
    ['cross-site', 403],
  ])('with Sec-Fetch-Site %s is %i', async (site, status) => {
    const { relay, send } = setUp(['https://listed.test'])
    const headers = site === undefined ? {} : { 'sec-fetch-site': site }
    const response = await relay.fetch(new Request('http://relay.test/v1/models', { headers }))
    expect(response.status).toBe(status)
    expect(send).toHaveBeenCalledTimes(status === 200 ? 1 : 0)
  })
})

describe('hosts', () => {
  test.each([
    ['http://localhost:8787/v1/models', undefined, 200],
    ['http://LOCALHOST/v1/models', undefined, 200],
    ['http://[::1]:1/v1/models', undefined, 200],
    ['http://exact.test:8787/v1/models', undefined, 200],
    ['http://exact.test/v1/models', undefined, 421],
    ['http://evil.test:8787/v1/models', undefined, 421],
    ['http://localhost.evil.test/v1/models', undefined, 421],
    ['http://localhost:8787/v1/models', 'evil.test', 421],
    ['http://evil.test/v1/models', 'localhost', 421],
  ])('%s with Host %s is %i', async (url, host, status) => {
    const { relay, send } = setUp([], ['localhost', '[::1]', 'exact.test:8787'])
    const response = await relay.fetch(new Request(url, { headers: host === undefined ? {} : { host } }))
    expect(response.status).toBe(status)
    expect(send).toHaveBeenCalledTimes(status === 200 ? 1 : 0)
  })
})

describe('inside another app', () => {
  test('a Hono app mounts it', async () => {
    const { relay, send } = setUp()
    const app = new Hono()
    app.mount('/api/llm', relay.fetch)
    expect((await app.request('/api/llm/v1/models')).status).toBe(200)
    expect(send.mock.calls[0]?.[0]).toBe('https://api.test/v1/models')
    expect((await app.request('/api/llm/other')).status).toBe(404)
  })
})
