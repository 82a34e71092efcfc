import { describe, expect, test, vi } from 'vitest'
import { answering, EVENTS, post, relayTo } from '../test/relay-to.ts'
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

  test('a log that throws does not take the answer with it', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const log = () => {
      throw new Error('disk full')
    }
    expect(await (await relayTo(answering(), { log }).fetch(post())).text()).toBe(EVENTS)
    expect(error).toHaveBeenCalledOnce()
    error.mockRestore()
  })
})
