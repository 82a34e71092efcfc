import { connect } from 'node:net'
import { createHeldBody, startUpstream, type Upstream, type UpstreamReply } from '@rivulet/testkit/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { postOverHttp, rawRequest, readAll } from '../test/sockets.ts'
import { serve } from './node.ts'
import type { RelayOptions } from './options.ts'
import { createRelay, type Relay } from './relay.ts'

const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function start(reply: UpstreamReply, options: Partial<RelayOptions> = {}) {
  const upstream: Upstream = await startUpstream(reply)
  const relay: Relay = createRelay({
    upstream: { baseUrl: `${upstream.url}/v1`, apiKey: 'sk-server' },
    authorize: false,
    ...options,
  })
  const server = await serve(relay, { port: 0 })
  cleanUps.push(upstream.close, relay.close, server.close)
  return { upstream, relay, server }
}

describe('a stream through real sockets', () => {
  test('arrives piece by piece, as the upstream sends it', async () => {
    const body = createHeldBody()
    const { server, upstream } = await start({ body })
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-client', cookie: 'a=b' },
      body: '{"model":"x"}',
    })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    for (const piece of ['data: a\n\n', ': ping\n\n', 'da', 'ta: b\n\n']) {
      body.release(piece)
      expect((await reader.read()).value).toBe(piece)
    }
    body.end()
    expect((await reader.read()).done).toBe(true)
    const { headers } = await upstream.request(0)
    expect(headers).toMatchObject({ authorization: 'Bearer sk-server', 'accept-encoding': 'identity' })
    expect(headers['cookie']).toBeUndefined()
    expect(headers['content-length']).toBe('13')
  })

  test('a client that leaves while the answer streams ends the upstream’s request within 100 ms', async () => {
    const body = createHeldBody()
    const { server, upstream } = await start({ body })
    const response = await postOverHttp(server.url)
    body.release('data: a\n\n')
    await new Promise((resolve) => response.once('data', resolve))
    const request = await upstream.request(0)
    const leftAt = performance.now()
    response.destroy()
    expect(await request.ended).toBe('aborted')
    expect(performance.now() - leftAt).toBeLessThan(100)
  })

  test('a client that leaves before the headers does so too', async () => {
    let answer: () => void = () => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    const upstream = await startUpstream(() => held.then(() => ({})))
    const relay = createRelay({ upstream: { baseUrl: upstream.url }, authorize: false })
    const server = await serve(relay, { port: 0 })
    cleanUps.push(upstream.close, relay.close, server.close)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n',
    )
    socket.write('content-length: 2\r\n\r\n{}')
    const request = await upstream.request(0)
    const leftAt = performance.now()
    socket.destroy()
    expect(await request.ended).toBe('aborted')
    expect(performance.now() - leftAt).toBeLessThan(100)
    answer()
  })

  test('a client that does not read holds the upstream back, and what waits is bounded', async () => {
    const piece = new Uint8Array(64 * 1024)
    const pieces = 3000
    const { server, upstream } = await start({
      body: (async function* () {
        for (let i = 0; i < pieces; i++) yield piece
      })(),
    })
    const response = await postOverHttp(server.url)
    response.pause()
    const request = await upstream.request(0)
    let last = -1
    let looks = 0
    await vi.waitFor(
      () => {
        looks = request.sentBytes === last ? looks + 1 : 0
        last = request.sentBytes
        expect(looks).toBeGreaterThan(5)
      },
      { timeout: 10_000, interval: 30 },
    )
    // Most of this is the kernel's socket buffers, of which there are two pairs.
    expect(request.sentBytes).toBeLessThan(32 * 1024 * 1024)
    let received = 0
    for await (const chunk of response as AsyncIterable<Uint8Array>) received += chunk.byteLength
    expect(received).toBe(pieces * piece.byteLength)
  }, 20_000)
})

describe('an answer that breaks is never a good end', () => {
  test.each([[9], [12], [0]])('the upstream dies after %i bytes', async (cutAfter) => {
    const { server } = await start({ body: 'data: a\n\ndata: b\n\n', pieces: 9, cutAfter })
    const response = await postOverHttp(server.url)
    expect(response.statusCode).toBe(200)
    expect(await readAll(response)).toEqual({
      text: 'data: a\n\ndata: b\n\n'.slice(0, cutAfter),
      error: 'ECONNRESET',
    })
  })

  test('HTTP/1.0, where closing would be a good end, is reset', async () => {
    const { server } = await start({ body: 'data: a\n\n', cutAfter: 5 })
    const head = 'POST /v1/chat/completions HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\n'
    const { received, error } = await rawRequest(server.port, `${head}content-length: 2\r\n\r\n{}`)
    expect(received).toMatch(/^HTTP\/1.1 200 OK/)
    expect(error).toBe('ECONNRESET')
  })

  test('the upstream falls silent', async () => {
    const { server, upstream } = await start({ body: 'data: a\n\n', hang: true }, { timeout: { idleMs: 50 } })
    const response = await postOverHttp(server.url)
    expect(await readAll(response)).toEqual({ text: 'data: a\n\n', error: 'ECONNRESET' })
    expect(await (await upstream.request(0)).ended).toBe('aborted')
  })

  test('the relay closes', async () => {
    const body = createHeldBody()
    const { server, relay, upstream } = await start({ body })
    const response = await postOverHttp(server.url)
    body.release('data: a\n\n')
    await new Promise((resolve) => response.once('data', resolve))
    const reading = readAll(response)
    await relay.close()
    expect((await reading).error).toBe('ECONNRESET')
    expect(await (await upstream.request(0)).ended).toBe('aborted')
  })
})

describe('an upstream that cannot be reached', () => {
  test('nobody listens: 502', async () => {
    const { server, upstream } = await start({})
    await upstream.close()
    const response = await postOverHttp(server.url)
    expect(response.statusCode).toBe(502)
    expect((await readAll(response)).text).toContain('(ECONNREFUSED)')
  })

  test('it hangs up without an answer: 502', async () => {
    const { server } = await start({ drop: true })
    expect((await postOverHttp(server.url)).statusCode).toBe(502)
  })

  test('it redirects: 502, and the other address is not asked', async () => {
    const other = await startUpstream({})
    cleanUps.push(other.close)
    const { server } = await start({ status: 307, headers: { location: other.url } })
    const response = await postOverHttp(server.url)
    expect(response.statusCode).toBe(502)
    expect((await readAll(response)).text).toContain('upstream_redirect')
    expect(other.requests).toEqual([])
  })

  test('it compresses although it was asked not to: the client gets plain text', async () => {
    const { gzipSync } = await import('node:zlib')
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }
    const { server } = await start({ headers, body: gzipSync('data: a\n\n') })
    const response = await postOverHttp(server.url)
    expect(response.headers['content-encoding']).toBeUndefined()
    expect((await readAll(response)).text).toBe('data: a\n\n')
  })
})

describe('bad requests through real sockets', () => {
  const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'

  test('a chunked body over the limit is 413', async () => {
    const { server, upstream } = await start({}, { maxBodyBytes: 10 })
    const chunk = '{"a":"bcdefghijkl"}'
    const text = `${head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n13\r\n${chunk}\r\n0\r\n\r\n`
    const { received } = await rawRequest(server.port, text)
    expect(received).toMatch(/^HTTP\/1.1 413 /)
    expect(upstream.requests).toEqual([])
  })

  test('a body that does not arrive is 408', async () => {
    const { server, upstream } = await start({}, { timeout: { bodyMs: 50 } })
    const { received } = await rawRequest(server.port, `${head}content-length: 100\r\n\r\n{"mod`)
    expect(received).toMatch(/^HTTP\/1.1 408 /)
    expect(received).toContain('body_timeout')
    expect(upstream.requests).toEqual([])
  })

  test('an address that is none is 400', async () => {
    const { server } = await start({})
    const { received } = await rawRequest(
      server.port,
      'GET //evil\\x HTTP/1.1\r\nhost: x y\r\nconnection: close\r\n\r\n',
    )
    expect(received).toMatch(/^HTTP\/1.1 400 /)
  })
})
