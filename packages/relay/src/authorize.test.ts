import { afterEach, describe, expect, test, vi } from 'vitest'
import { answering, errorOf, getModels, post, relayTo } from '../test/relay-to.ts'

afterEach(() => void vi.useRealTimers())

describe('authorize', () => {
  test.each([[false], [null], [undefined], [0], ['']])('%j is nobody', async (caller) => {
    const send = answering()
    for (const request of [post(), getModels()]) {
      const error = await errorOf(await relayTo(send, { authorize: () => caller }).fetch(request))
      expect(error).toMatchObject({ status: 401, code: 'unauthorized' })
    }
    expect(send).not.toHaveBeenCalled()
  })

  test('anything truthy is the caller, also later', async () => {
    const authorize = vi.fn(async () => ({ id: 'ada' }))
    const request = post()
    expect((await relayTo(answering(), { authorize }).fetch(request)).status).toBe(200)
    expect(authorize).toHaveBeenCalledExactlyOnceWith(request)
  })

  test('a Response is the answer', async () => {
    const authorize = () => new Response('pay first', { status: 402 })
    const response = await relayTo(answering(), { authorize }).fetch(post())
    expect(response.status).toBe(402)
    expect(await response.text()).toBe('pay first')
  })

  test('one Response may answer many', async () => {
    const refusal = new Response('pay first', { status: 402 })
    const relay = relayTo(answering(), { authorize: () => refusal })
    for (let i = 0; i < 3; i++) {
      const response = await relay.fetch(post())
      expect([response.status, await response.text()]).toEqual([402, 'pay first'])
    }
  })

  test.each([
    ['throws', () => Promise.reject(new Error('db at 10.0.0.1'))],
    ['throws no Error', () => Promise.reject('db at 10.0.0.1')],
    ['reads the body', (request: Request) => request.json()],
  ])('what %s is 500 without details, and told to onError', async (_, authorize) => {
    const onError = vi.fn()
    const send = answering()
    const response = await relayTo(send, { authorize, onError }).fetch(post())
    const error = await errorOf(response)
    expect(error).toMatchObject({ status: 500, code: 'authorize_failed' })
    expect(error.message).not.toContain('10.0.0.1')
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.anything(), response.headers.get('x-request-id'))
    expect(send).not.toHaveBeenCalled()
  })

  test('has 30 seconds', async () => {
    vi.useFakeTimers()
    const answer = relayTo(answering(), { authorize: () => new Promise(() => {}), onError: () => {} }).fetch(
      post(),
    )
    await vi.advanceTimersByTimeAsync(30_000)
    expect((await answer).status).toBe(500)
  })
})
