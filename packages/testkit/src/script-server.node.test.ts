import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectScriptServer, type ScriptClient } from './script-client.ts'
import { startScriptServer, type ScriptServer } from './script-server.ts'

let server: ScriptServer
let client: ScriptClient

beforeAll(async () => {
  server = await startScriptServer()
  client = connectScriptServer(server)
})
afterAll(() => server.close())

async function textOf(url: string): Promise<[number, string]> {
  const response = await fetch(url)
  return [response.status, await response.text()]
}

describe('what is answered', () => {
  test('the n-th request gets the n-th reply, one too many a 500', async () => {
    const { url } = await client.play({ replies: [{ body: 'a' }, { status: 404, body: 'b' }] })
    expect(await textOf(url)).toEqual([200, 'a'])
    expect(await textOf(`${url}/any?x`)).toEqual([404, 'b'])
    expect(await textOf(url)).toEqual([500, 'The script has no reply number 3'])
  })

  test('by path, as often as it is asked for', async () => {
    const { url } = await client.play({ replies: { '/': { body: 'root' }, '/a/b': { body: 'b' } } })
    expect(await textOf(`${url}/a/b?after=1`)).toEqual([200, 'b'])
    expect(await textOf(`${url}/a/b`)).toEqual([200, 'b'])
    expect(await textOf(url)).toEqual([200, 'root'])
    expect(await textOf(`${url}/c`)).toEqual([404, 'The script has no reply for /c'])
  })

  test('each script has an address of its own, others are none', async () => {
    const [a, b] = [await client.play({ replies: [{}] }), await client.play({ replies: [{}] })]
    expect(a.url).toBe(server.url + a.path)
    expect(a.path).not.toBe(b.path)
    expect(await textOf(`${server.url}/none`)).toEqual([404, 'No script none'])
  })

  test('the bytes as they are, whole or in pieces, once or many times', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const { url } = await client.play({
      replies: [{ body: bytes }, { body: [bytes, 'ü', { pauseMs: 1 }, { repeat: 'ab', times: 3 }] }],
    })
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(bytes)
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(
      Uint8Array.from([...bytes, ...new TextEncoder().encode('üababab')]),
    )
  })

  test('an event stream unless it says otherwise, on a connection of its own', async () => {
    const { url } = await client.play({ replies: [{}, { headers: { 'x-a': '1' } }] })
    const first = await fetch(url)
    expect(first.headers.get('content-type')).toBe('text/event-stream')
    expect(first.headers.get('connection')).toBe('close')
    const second = await fetch(url)
    expect([second.headers.get('x-a'), second.headers.get('content-type')]).toEqual(['1', null])
  })

  test('a gate may be opened before a body comes to it, and is open from then on', async () => {
    const reply = { body: ['a', { gate: 'x y/z' }, 'b'] }
    const script = await client.play({ replies: [reply, reply] })
    await script.open('x y/z')
    expect([await textOf(script.url), await textOf(script.url)]).toEqual([
      [200, 'ab'],
      [200, 'ab'],
    ])
  })

  test('a cut comes after the whole body', async () => {
    const script = await client.play({ replies: [{ body: ['abc', 'def'], finish: 'cut' }] })
    const response = await fetch(script.url)
    await expect(response.text()).rejects.toThrow()
    expect(await script.ended(0)).toMatchObject({ ended: 'cut', sentBytes: 6 })
  })

  test('a drop has not even a status', async () => {
    const script = await client.play({ replies: [{ finish: 'drop' }] })
    await expect(fetch(script.url)).rejects.toThrow()
    expect((await script.ended(0)).ended).toBe('cut')
  })
})

describe('what was seen', () => {
  test('each request, and a wait for one that is still to come', async () => {
    const script = await client.play({ replies: [{ body: 'a' }, { finish: 'hang' }] })
    const second = script.request(1)
    await (await fetch(`${script.url}/a?b`, { method: 'POST', body: 'hi', headers: { 'x-y': 'z' } })).text()
    const controller = new AbortController()
    await fetch(script.url, { signal: controller.signal })
    expect(await second).toMatchObject({ method: 'GET', path: '/', body: '' })
    const { requests, preflights } = await script.seen()
    expect(requests).toHaveLength(2)
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/a?b', body: 'hi', headers: { 'x-y': 'z' } })
    expect(requests[1]?.ended).toBeUndefined()
    expect(preflights).toEqual([])
    controller.abort()
    expect((await script.ended(1)).ended).toBe('aborted')
    expect((await script.ended(0)).ended).toBe('answered')
  })

  test('a control server that is asked for nonsense says so', async () => {
    await expect(
      connectScriptServer({ ...server, control: server.url }).play({ replies: [] }),
    ).rejects.toThrow('The script server says: No script scripts')
  })
})

describe('CORS', () => {
  const preflight = async (url: string, origin = 'http://a.test'): Promise<Record<string, string>> => {
    const headers = { origin, 'access-control-request-method': 'POST' }
    const response = await fetch(url, { method: 'OPTIONS', headers })
    return Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control')))
  }

  test('by default any origin and content-type, once each time', async () => {
    const script = await client.play({ replies: [{}] })
    expect(await preflight(script.url)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type',
      'access-control-allow-methods': '',
      'access-control-max-age': '0',
    })
    const { preflights, requests } = await script.seen()
    expect([preflights.length, requests.length]).toEqual([1, 0])
  })

  test('by a policy', async () => {
    const { url } = await client.play({
      cors: {
        origins: ['http://a.test'],
        headers: ['x-a', 'x-b'],
        methods: ['DELETE'],
        expose: ['x-c'],
        credentials: true,
      },
      replies: [{ headers: {} }],
    })
    const granted = {
      'access-control-allow-origin': 'http://a.test',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-c',
    }
    expect(await preflight(url)).toEqual({
      ...granted,
      'access-control-allow-headers': 'x-a, x-b',
      'access-control-allow-methods': 'DELETE',
      'access-control-max-age': '0',
    })
    expect(await preflight(url, 'http://b.test')).toEqual({})
    const response = await fetch(url, { headers: { origin: 'http://a.test' } })
    expect(Object.fromEntries(response.headers)).toMatchObject(granted)
  })

  test('an OPTIONS that is no preflight is a request like another', async () => {
    const script = await client.play({ replies: [{ body: 'a' }] })
    expect(await (await fetch(script.url, { method: 'OPTIONS' })).text()).toBe('a')
  })
})
