import { createScriptedFetch } from '@rivulet/testkit'
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
