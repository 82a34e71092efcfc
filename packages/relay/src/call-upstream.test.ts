import { afterEach, describe, expect, test, vi } from 'vitest'
import { answering, errorOf, getModels, post, relayTo } from '../test/relay-to.ts'

afterEach(() => void vi.useRealTimers())

describe('an upstream that is none', () => {
  test.each([
    [
      'a web page',
      answering('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
      'upstream_not_api',
    ],
    [
      'a redirect',
      answering(null, { status: 302, headers: { location: 'http://10.0.0.1' } }),
      'upstream_redirect',
    ],
  ])('%s is 502', async (_, send, code) => {
    for (const request of [post(), getModels()]) {
      const error = await errorOf(await relayTo(send).fetch(request))
      expect(error).toMatchObject({ status: 502, code })
      expect(error.message).toMatch(/base URL/)
      expect(error.message).not.toContain('10.0.0.1')
    }
  })

  test.each([
    ['ECONNREFUSED', 502, 'upstream_unreachable'],
    ['ENOTFOUND', 502, 'upstream_unreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 504, 'upstream_timeout'],
  ])('%s is %i', async (systemCode, status, code) => {
    const cause = Object.assign(new Error('connect 10.0.0.1:443'), { code: systemCode })
    const send = () => Promise.reject(new TypeError('fetch failed', { cause }))
    const error = await errorOf(await relayTo(send).fetch(post()))
    expect(error).toMatchObject({ status, code })
    expect(error.message).not.toContain('10.0.0.1')
  })

  test('silence before the headers is 504, and the request is aborted', async () => {
    vi.useFakeTimers()
    const send = vi.fn<typeof fetch>(() => new Promise(() => {}))
    const answer = relayTo(send).fetch(post())
    await vi.advanceTimersByTimeAsync(119_999)
    expect(send.mock.calls[0]?.[1]?.signal?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await errorOf(await answer)).toMatchObject({ status: 504, code: 'upstream_timeout' })
    expect(send.mock.calls[0]?.[1]?.signal?.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})
