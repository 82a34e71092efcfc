import { describe, expect, test } from 'vitest'
import { createScriptedFetch } from './scripted-fetch.ts'

const URL = 'http://api.test/'

describe('what is answered', () => {
  test('the n-th request gets the n-th reply, one too many fails', async () => {
    const send = createScriptedFetch({ body: 'a' }, { status: 429, headers: { 'retry-after': '1' } })
    const first = await send(URL)
    expect([first.status, first.headers.get('content-type'), await first.text()]).toEqual([
      200,
      'text/event-stream',
      'a',
    ])
    const second = await send(URL)
    expect([second.status, second.headers.get('retry-after'), await second.text()]).toEqual([429, '1', ''])
    await expect(send(URL)).rejects.toThrow('no reply number 3')
  })

  test('a 204 has no body', async () => {
    const send = createScriptedFetch({ status: 204 })
    expect((await send(URL)).body).toBeNull()
    expect(send.open).toBe(0)
  })

  test('a request that fails', async () => {
    const fails = new TypeError('network')
    await expect(createScriptedFetch({ fails })(URL)).rejects.toBe(fails)
  })

  test('an Error among the chunks breaks the body there', async () => {
    const broken = new TypeError('terminated')
    const send = createScriptedFetch({ body: ['a', broken, 'b'] })
    const reader = (await send(URL)).body!.getReader()
    expect((await reader.read()).value).toEqual(new Uint8Array([97]))
    await expect(reader.read()).rejects.toBe(broken)
    expect([send.requests[0]?.taken, send.open]).toEqual([1, 0])
  })
})

describe('what was asked', () => {
  test('is kept, of an address and of a Request', async () => {
    const send = createScriptedFetch({}, {})
    await send(URL, { method: 'POST', body: '{}', headers: { a: '1' } })
    await send(new Request(URL, { headers: { b: '2' } }))
    const [first, second] = send.requests
    expect(first).toMatchObject({ url: URL, method: 'POST', body: '{}' })
    expect(first?.headers.get('a')).toBe('1')
    expect(second).toMatchObject({ url: URL, method: 'GET' })
    expect(second?.headers.get('b')).toBe('2')
  })

  test('a signal that is aborted already makes no request', async () => {
    const send = createScriptedFetch({})
    await expect(send(URL, { signal: AbortSignal.abort('over') })).rejects.toBe('over')
    expect(send.requests).toHaveLength(0)
  })
})

describe('what is taken, cancelled and open', () => {
  test('chunks are given only when they are asked for', async () => {
    const send = createScriptedFetch({ body: ['a', 'b'] })
    const reader = (await send(URL)).body!.getReader()
    expect([send.requests[0]?.taken, send.open]).toEqual([0, 1])
    await reader.read()
    expect(send.requests[0]?.taken).toBe(1)
    await reader.read()
    await reader.read()
    expect(send.requests[0]).toMatchObject({ taken: 2, cancelled: false })
    expect(send.open).toBe(0)
  })

  test('a body that hangs is open until it is cancelled', async () => {
    const send = createScriptedFetch({ body: 'a', hang: true })
    const reader = (await send(URL)).body!.getReader()
    await reader.read()
    const pending = reader.read()
    expect(send.open).toBe(1)
    await reader.cancel()
    expect((await pending).done).toBe(true)
    expect(send.requests[0]?.cancelled).toBe(true)
    expect(send.open).toBe(0)
  })

  test('an abort breaks a body that hangs, with the signal’s reason', async () => {
    const controller = new AbortController()
    const send = createScriptedFetch({ hang: true })
    const reader = (await send(URL, { signal: controller.signal })).body!.getReader()
    const pending = reader.read()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    expect([send.requests[0]?.cancelled, send.open]).toEqual([true, 0])
  })

  test('an abort after the end changes nothing', async () => {
    const controller = new AbortController()
    const send = createScriptedFetch({ body: 'a' })
    await (await send(URL, { signal: controller.signal })).text()
    controller.abort()
    expect([send.requests[0]?.cancelled, send.open]).toEqual([false, 0])
  })

  test('only an abort ends a request that is never answered', async () => {
    const controller = new AbortController()
    const send = createScriptedFetch({ silent: true })
    const pending = send(URL, { signal: controller.signal })
    controller.abort('enough')
    await expect(pending).rejects.toBe('enough')
    expect([send.requests[0]?.cancelled, send.open]).toEqual([true, 0])
  })
})
