import type { PlayedScript } from '@rivulet/testkit'
import { describe, expect, test } from 'vitest'
import { sameOriginUrl, scriptServer } from './script-server.ts'

// What a browser's tests rely on, seen from a browser.

describe('another origin', () => {
  test('a preflight allows content-type and nothing else, and both are seen', async () => {
    const script = await scriptServer.play({ replies: [{ body: 'data: a\n\n' }] })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${script.url}/chat?x=1`, { method: 'POST', body: '{}', headers })
    expect(await response.text()).toBe('data: a\n\n')
    await expect(fetch(script.url, { headers: { 'idempotency-key': '1' } })).rejects.toThrow(TypeError)
    const { preflights, requests } = await script.seen()
    expect(
      preflights.map(({ path, headers: { 'access-control-request-headers': asked } }) => [path, asked]),
    ).toEqual([
      ['/chat?x=1', 'content-type'],
      ['/', 'idempotency-key'],
    ])
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/chat?x=1',
      body: '{}',
      headers: { origin: location.origin },
      sentBytes: 9,
    })
  })

  test('an origin that is not let in cannot read', async () => {
    const script = await scriptServer.play({ cors: { origins: ['http://else.test'] }, replies: [{}] })
    await expect(fetch(script.url)).rejects.toThrow(TypeError)
    expect((await script.seen()).requests).toHaveLength(1)
  })

  test('a header is hidden unless it is exposed', async () => {
    const reply = { headers: { 'content-location': 'streams/1' } }
    const hidden = await scriptServer.play({ replies: [reply] })
    expect((await fetch(hidden.url)).headers.get('content-location')).toBeNull()
    const shown = await scriptServer.play({ cors: { expose: ['content-location'] }, replies: [reply] })
    expect((await fetch(shown.url)).headers.get('content-location')).toBe('streams/1')
  })

  test('credentials need a policy of their own', async () => {
    const open = await scriptServer.play({ replies: [{}] })
    await expect(fetch(open.url, { credentials: 'include' })).rejects.toThrow(TypeError)
    const granted = await scriptServer.play({ cors: { credentials: true }, replies: [{ body: 'a' }] })
    expect(await (await fetch(granted.url, { credentials: 'include' })).text()).toBe('a')
  })

  test('a POST whose connection is dropped arrives once', async () => {
    const script = await scriptServer.play({ replies: [{ body: 'a' }, { finish: 'drop' }, { body: 'b' }] })
    expect(await (await fetch(script.url, { method: 'POST', body: '{}' })).text()).toBe('a')
    await expect(fetch(script.url, { method: 'POST', body: '{}' })).rejects.toThrow(TypeError)
    expect((await script.seen()).requests).toHaveLength(2)
  })
})

describe.each([
  ['another origin', ({ url }: PlayedScript) => url],
  ['the page’s own', sameOriginUrl],
] as const)('from %s', (_, addressOf) => {
  test('a gate holds the body, and a cut breaks it', async () => {
    const script = await scriptServer.play({ replies: [{ body: ['one', { gate: 'more' }], finish: 'cut' }] })
    const reader = (await fetch(addressOf(script))).body!.getReader()
    expect((await reader.read()).value).toEqual(new TextEncoder().encode('one'))
    await script.open('more')
    await expect(reader.read()).rejects.toThrow(TypeError)
    expect(await script.ended(0)).toMatchObject({ ended: 'cut', sentBytes: 3 })
  })

  test('leaving is seen', async () => {
    const script = await scriptServer.play({ replies: [{ body: 'one', finish: 'hang' }] })
    const reader = (await fetch(addressOf(script))).body!.getReader()
    await reader.read()
    expect((await script.request(0)).ended).toBeUndefined()
    await reader.cancel()
    expect((await script.ended(0)).ended).toBe('aborted')
  })
})

test('a reader that waits holds an endless body back', async () => {
  const times = 4096
  const script = await scriptServer.play({ replies: [{ body: [{ repeat: 'x'.repeat(65_536), times }] }] })
  const reader = (await fetch(script.url)).body!.getReader()
  await reader.read()
  let sent = -1
  await expect
    .poll(async () => {
      const before = sent
      sent = (await script.request(0)).sentBytes
      return sent === before
    })
    .toBe(true)
  expect(sent).toBeLessThan(times * 65_536)
  await reader.cancel()
  expect((await script.ended(0)).ended).toBe('aborted')
})
