import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkUpstream } from './check-upstream.ts'

type Body = ConstructorParameters<typeof Response>[0]

afterEach(() => void vi.useRealTimers())

const upstream = { baseUrl: 'https://api.test/v1', apiKey: 'sk-secret-1' }

function answer(status: number, body: Body = null, type = 'application/json'): typeof fetch {
  return async () => new Response(body, { status, headers: { 'content-type': type } })
}

describe('an upstream that can be used', () => {
  test('gives its models, and was asked with the key', async () => {
    const send = vi.fn(answer(200, '{"data":[{"id":"a"},{"id":"b"},{"id":7},null]}'))
    expect(await checkUpstream(upstream, { fetch: send })).toEqual({ ok: true, models: ['a', 'b'] })
    const [url, init] = send.mock.calls[0]!
    expect(url).toBe('https://api.test/v1/models')
    expect(new Headers(init?.headers).get('authorization')).toBe('Bearer sk-secret-1')
  })

  test.each([
    ['no list', answer(404)],
    ['another method', answer(405)],
    ['a list of another shape', answer(200, '{"data":{}}')],
    ['null', answer(200, 'null')],
    ['broken JSON', answer(200, '{')],
  ])('%s is no failure', async (_, send) => {
    expect(await checkUpstream(upstream, { fetch: send })).toEqual({ ok: true, models: [] })
  })
})

describe('an upstream that cannot', () => {
  test.each([
    [401, 'refused-key', /api\.test refused the key \(401\)/],
    [403, 'refused-key', /api\.test refused the key \(403\)/],
    [429, 'status', /answered 429/],
    [500, 'status', /answered 500/],
    [302, 'status', /answered 302/],
  ])('%i is %s', async (status, code, message) => {
    const check = await checkUpstream(upstream, { fetch: answer(status, '{"error":"sk-secret-1"}') })
    expect(check).toEqual({ ok: false, code, message: expect.stringMatching(message) })
    expect(JSON.stringify(check)).not.toContain('secret')
  })

  test('without a key, 401 asks for one', async () => {
    const check = await checkUpstream({ baseUrl: upstream.baseUrl }, { fetch: answer(401) })
    expect(check).toMatchObject({ code: 'missing-key', message: expect.stringMatching(/Set OPENAI_API_KEY/) })
  })

  test('a web page is no API', async () => {
    const check = await checkUpstream(upstream, { fetch: answer(200, '<html>', 'text/html') })
    expect(check).toMatchObject({ code: 'not-an-api' })
  })

  test('a network error is told with its code', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const send = () => Promise.reject(new TypeError('fetch failed', { cause }))
    expect(await checkUpstream(upstream, { fetch: send })).toEqual({
      ok: false,
      code: 'unreachable',
      message: 'api.test cannot be reached (ECONNREFUSED).',
    })
  })

  test('silence is aborted after the time', async () => {
    vi.useFakeTimers()
    let signal: AbortSignal | null | undefined
    const send: typeof fetch = (_, init) => {
      signal = init?.signal
      return new Promise(() => {})
    }
    const check = checkUpstream(upstream, { fetch: send, timeoutMs: 5000 })
    await vi.advanceTimersByTimeAsync(5000)
    expect(await check).toMatchObject({ code: 'unreachable', message: 'api.test did not answer within 5 s.' })
    expect(signal?.aborted).toBe(true)
  })

  test('a check that is stopped ends at once', async () => {
    const stop = new AbortController()
    const send: typeof fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    const check = checkUpstream(upstream, { fetch: send, signal: stop.signal })
    stop.abort()
    expect(await check).toMatchObject({ ok: false, code: 'unreachable' })
  })
})
