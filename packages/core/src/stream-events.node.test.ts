import { createScriptedFetch } from '@rivulet/testkit'
import { startUpstream } from '@rivulet/testkit/node'
import type { Upstream } from '@rivulet/testkit/node'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { streamEvents } from './stream-events.ts'
import type { StreamEventsInit } from './types.ts'

// A browser's page has a location that cannot be faked; see stream-events.browser.test.ts for the real one.

const ELSEWHERE = 'https://api.example/v1/chat'
const isLast: StreamEventsInit['isLast'] = ({ data }) => data === '[DONE]'
const good = { body: 'data: [DONE]\n\n' }
afterEach(() => void vi.unstubAllGlobals())

async function run(fetch: StreamEventsInit['fetch'], init: StreamEventsInit, url = ELSEWHERE): Promise<void> {
  for await (const _ of streamEvents(url, { retry: { baseMs: 0 }, isLast, ...init, fetch }));
}

describe('what is sent unasked', () => {
  const keyOf = async (init: StreamEventsInit, url = ELSEWHERE): Promise<string | null> => {
    const fetch = createScriptedFetch(good)
    await run(fetch, init, url)
    return fetch.requests[0]!.headers.get('idempotency-key')
  }
  const body = { a: 1 }

  it('is a key for a POST where the page comes from, and outside browsers', async () => {
    vi.stubGlobal('location', { origin: 'https://api.example', href: 'https://api.example/page' })
    const key = await keyOf({ body })
    expect(key).toMatch(/^\d+(-\d+){3}$/)
    expect(await keyOf({ body })).not.toBe(key)
    expect(await keyOf({ body }, '/v1/chat')).toMatch(/^\d/)
    vi.stubGlobal('location', undefined)
    expect(await keyOf({ body })).toMatch(/^\d/)
  })

  it('is none for another origin, a GET, or when it is not wanted', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example', href: 'https://page.example/' })
    expect(await keyOf({ body })).toBeNull()
    expect(await keyOf({ body, idempotencyKey: 'mine' })).toBe('mine')
    vi.stubGlobal('location', undefined)
    expect(await keyOf({})).toBeNull()
    expect(await keyOf({ body, idempotencyKey: false })).toBeNull()
    expect(await keyOf({ body, headers: { 'Idempotency-Key': 'own' } })).toBe('own')
  })

  it('is the same on every attempt, and not part of a resume', async () => {
    vi.stubGlobal('location', undefined)
    const headers = { 'content-type': 'text/event-stream', 'content-location': '/s/1' }
    const broken = { headers, body: ['id: 1\ndata: a\n\n', new TypeError('reset')] }
    const fetch = createScriptedFetch({ status: 503 }, broken, good)
    await run(fetch, { body })
    const [one, two, resume] = fetch.requests.map(({ headers }) => headers.get('idempotency-key'))
    expect(one).toMatch(/^\d/)
    expect(two).toBe(one)
    expect(resume).toBeNull()
  })
})

describe('real sockets', () => {
  const event = (id: number, data = `${id}`): string => `id: ${id}\ndata: ${data}\n\n`
  let upstream: Upstream
  afterEach(() => upstream.close())

  it('are ended by leaving the loop', async () => {
    upstream = await startUpstream({ body: event(1), hang: true })
    for await (const _ of streamEvents(upstream.url)) break
    expect(await (await upstream.request(0)).ended).toBe('aborted')
    expect(upstream.running).toBe(0)
  })

  it('that are cut are resumed, wherever the cut falls', async () => {
    const all = Array.from({ length: 5 }, (_, i) => event(i + 1, i === 4 ? '[DONE]' : `é${i}`))
    const whole = all.join('')
    const bytes = new TextEncoder().encode(whole).length
    const headers = { 'content-type': 'text/event-stream', 'content-location': '/s/1' }
    for (let cutAfter = 0; cutAfter < bytes; cutAfter += 7) {
      upstream = await startUpstream(({ method, headers: asked }) =>
        method === 'POST'
          ? { headers, body: `id: 0\n\n${whole}`, cutAfter: cutAfter + 7 }
          : { body: all.slice(Number(asked['last-event-id'])).join('') },
      )
      const data: string[] = []
      const init: StreamEventsInit = { body: {}, isLast, retry: { baseMs: 0 } }
      for await (const each of streamEvents(upstream.url, init)) data.push(each.data)
      expect(data, `cut after ${cutAfter}`).toEqual(['é0', 'é1', 'é2', 'é3', '[DONE]'])
      expect(upstream.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
      await upstream.close()
    }
  })

  it('that end before the headers are tried again', async () => {
    let requests = 0
    upstream = await startUpstream(() => (++requests < 3 ? { drop: true } : { body: event(1, '[DONE]') }))
    const data: string[] = []
    for await (const each of streamEvents(upstream.url, { body: {}, isLast, retry: { baseMs: 0 } })) {
      data.push(each.data)
    }
    expect(data).toEqual(['[DONE]'])
    expect(requests).toBe(3)
  })

  it('stand still while nobody takes', async () => {
    const line = `data: ${'x'.repeat(60_000)}\n\n`
    let sent = 0
    async function* endless(): AsyncGenerator<string, void, undefined> {
      for (let i = 0; i < 5000; i++) {
        sent = i
        yield line
      }
    }
    upstream = await startUpstream({ body: endless() })
    const events = streamEvents(upstream.url)
    await events.next()
    let before = -1
    while (sent !== before) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(sent).toBeLessThan(1000)
    await events.return()
    expect(await (await upstream.request(0)).ended).toBe('aborted')
  })
})
