import { describe, expect, test, vi } from 'vitest'
import { answering, API_KEY, EVENTS, getModels, post, relayTo } from '../test/relay-to.ts'
import type { RelayLogEntry } from './log.ts'

describe('the log', () => {
  test('tells of each request once, in ids, counts and times', async () => {
    const log = vi.fn<(entry: RelayLogEntry) => void>()
    const headers = { 'x-request-id': 'req_1' }
    const relay = relayTo(answering(EVENTS, { headers }), { log })
    const response = await relay.fetch(
      post('{"model":"x","messages":["secret"]}', {}, '/v1/chat/completions?key=secret'),
    )
    expect(log).not.toHaveBeenCalled()
    await response.text()
    expect(log).toHaveBeenCalledExactlyOnceWith({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      method: 'POST',
      route: '/v1/chat/completions',
      status: 200,
      end: 'answered',
      upstreamId: 'req_1',
      bytes: new TextEncoder().encode(EVENTS).byteLength,
      headersMs: expect.any(Number),
      durationMs: expect.any(Number),
    })
  })

  test('names what the relay refused, and no address', async () => {
    const log = vi.fn<(entry: RelayLogEntry) => void>()
    const relay = relayTo(answering(), { log })
    await relay.fetch(post('hello'))
    await relay.fetch(post('{}', {}, '/secret'))
    expect(log.mock.calls.map(([{ route, status, code }]) => ({ route, status, code }))).toEqual([
      { route: '/v1/chat/completions', status: 400, code: 'invalid_json' },
      { route: '/*', status: 404, code: 'not_found' },
    ])
  })

  test.each([
    ['x-request-id', post],
    ['request-id', post],
    ['x-request-id', getModels],
  ])('a key in the upstream’s %s is neither written down nor passed on', async (name, request) => {
    const log = vi.fn<(entry: RelayLogEntry) => void>()
    const relay = relayTo(answering('{}', { headers: { [name]: `for ${API_KEY}` } }), { log })
    const response = await relay.fetch(request())
    await response.text()
    expect(response.headers.get(name)).toBe('for [redacted]')
    expect(log.mock.lastCall?.[0].upstreamId).toBe('for [redacted]')
  })

  const faults = [
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ] as const

  test.each(faults)('a log that %s does not take the answer with it', async (_, log) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(await (await relayTo(answering(), { log }).fetch(post())).text()).toBe(EVENTS)
    await vi.waitFor(() => expect(error).toHaveBeenCalledOnce())
    error.mockRestore()
  })

  test.each(faults)('an onError that %s neither', async (_, onError) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const authorize = () => Promise.reject(new Error('db'))
    const response = await relayTo(answering(), { authorize, onError }).fetch(post())
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('disk full')
    await vi.waitFor(() => expect(error).toHaveBeenCalledOnce())
    error.mockRestore()
  })
})
