import { describe, expect, test } from 'vitest'
import { answering, API_KEY, errorOf, getModels, relayTo } from '../test/relay-to.ts'

describe('models', () => {
  test('are the upstream’s list', async () => {
    const list = '{"object":"list","data":[{"id":"x"}]}'
    const send = answering(list, { headers: { 'content-type': 'application/json' } })
    const response = await relayTo(send).fetch(getModels())
    expect(await response.text()).toBe(list)
    expect(send.mock.calls[0]?.[0]).toBe('https://api.test/v1/models')
    expect(new Headers(send.mock.calls[0]?.[1]?.headers).get('authorization')).toBe(`Bearer ${API_KEY}`)
  })

  test.each([
    ['not JSON', 'hello'],
    ['over 4194304 bytes', `"${'x'.repeat(4 * 1024 * 1024)}"`],
  ])('a list that is %s is 502', async (what, body) => {
    const headers = { 'content-type': 'application/json' }
    const error = await errorOf(await relayTo(answering(body, { headers })).fetch(getModels()))
    expect(error).toMatchObject({
      status: 502,
      code: 'upstream_not_api',
      message: expect.stringContaining(what),
    })
  })
})
