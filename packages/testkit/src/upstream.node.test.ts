import type { IncomingMessage } from 'node:http'
import { get } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createHeldBody } from './upstream-body.ts'
import { startUpstream, type Upstream, type UpstreamReply, type UpstreamRequest } from './upstream.ts'

let upstream: Upstream | undefined

afterEach(async () => {
  await upstream?.close()
  upstream = undefined
})

async function start(
  reply: UpstreamReply | ((request: UpstreamRequest) => UpstreamReply | Promise<UpstreamReply>),
): Promise<Upstream> {
  upstream = await startUpstream(reply)
  return upstream
}

describe('what is answered', () => {
  test('a 200 event stream with the whole body by default', async () => {
    const { url } = await start({ body: 'data: grüße\n\n' })
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(await response.text()).toBe('data: grüße\n\n')
  })

  test('the chosen status, headers and bytes', async () => {
    const { url } = await start({
      status: 429,
      headers: { 'retry-after': '7' },
      body: new Uint8Array([0, 255, 128]),
    })
    const response = await fetch(url)
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('7')
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 128])
  })

  test('a function answers each request by what it asks', async () => {
    const { url, requests } = await start((request) => ({
      body: `${request.method} ${request.path} ${request.body}`,
    }))
    const response = await fetch(`${url}/v1/x?y=1`, {
      method: 'POST',
      body: 'hällo',
      headers: { 'x-a': 'b' },
    })
    expect(await response.text()).toBe('POST /v1/x?y=1 hällo')
    expect(await (await fetch(`${url}/z`)).text()).toBe('GET /z ')
    expect(requests.map(({ path }) => path)).toEqual(['/v1/x?y=1', '/z'])
    expect(requests[0]?.headers['x-a']).toBe('b')
  })

  test('a function that throws answers 500 with the error', async () => {
    const { url } = await start(() => {
      throw new Error('no such case')
    })
    const response = await fetch(url)
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('Error: no such case')
  })
})

describe('pieces', () => {
  test.each([
    { pieces: 3, sizes: [3, 3, 2] },
    { pieces: [1, 4], sizes: [1, 4, 3] },
    { pieces: 1, sizes: [1, 1, 1, 1, 1, 1, 1, 1] },
    { pieces: 100, sizes: [8] },
  ])('$pieces cut 8 bytes into $sizes', async ({ pieces, sizes }) => {
    const sent: number[] = []
    const { url } = await start({ body: 'abcdefgh', pieces, onPiece: (_, bytes) => sent.push(bytes) })
    expect(await (await fetch(url)).text()).toBe('abcdefgh')
    expect(sent.map((bytes, index) => bytes - (sent[index - 1] ?? 0))).toEqual(sizes)
  })

  test('a pause lets the receiver see each write by itself', async () => {
    const { url } = await start({ body: 'aabbcc', pieces: 2, pauseMs: [0, 20] })
    const chunks: string[] = []
    const decoder = new TextDecoder()
    for await (const chunk of (await fetch(url)).body!) chunks.push(decoder.decode(chunk))
    expect(chunks).toEqual(['aa', 'bb', 'cc'])
  })

  test('an async iterable is sent as the test releases it', async () => {
    const body = createHeldBody()
    const { url, request } = await start({ body })
    const reader = (await fetch(url)).body!.pipeThrough(new TextDecoderStream()).getReader()
    body.release('one')
    expect((await reader.read()).value).toBe('one')
    expect((await request(0)).sentBytes).toBe(3)
    body.release('two')
    expect((await reader.read()).value).toBe('two')
    body.end()
    expect((await reader.read()).done).toBe(true)
    expect(await (await request(0)).ended).toBe('answered')
  })
})

describe('faults', () => {
  test('a cut destroys the socket after exactly so many bytes', async () => {
    const { url, request } = await start({ body: 'abcdefgh', pieces: 3, cutAfter: 4 })
    const { received, error } = await receive(url)
    expect(received).toBe('abcd')
    expect(error).toBe('ECONNRESET')
    expect(await (await request(0)).ended).toBe('cut')
  })

  test('a cut at 0 leaves the headers only', async () => {
    const { url } = await start({ body: 'abc', cutAfter: 0 })
    const { status, received, error } = await receive(url)
    expect({ status, received, error }).toEqual({ status: 200, received: '', error: 'ECONNRESET' })
  })

  test('a body that throws is a cut', async () => {
    const { url, request } = await start({
      body: (async function* () {
        yield 'abc'
        throw new Error('enough')
      })(),
    })
    expect(await receive(url)).toMatchObject({ received: 'abc', error: 'ECONNRESET' })
    expect(await (await request(0)).ended).toBe('cut')
  })

  test('a drop sends no status line', async () => {
    const { url, request } = await start({ drop: true })
    expect(await receive(url)).toMatchObject({ status: undefined, error: 'ECONNRESET' })
    expect(await (await request(0)).ended).toBe('cut')
  })

  test('a hanging answer does not end by itself', async () => {
    const { url, request } = await start({ body: 'abc', hang: true })
    const controller = new AbortController()
    const response = await fetch(url, { signal: controller.signal })
    const reader = response.body!.getReader()
    expect((await reader.read()).done).toBe(false)
    const next = reader.read().catch((error: Error) => error.name)
    expect(upstream!.running).toBe(1)
    controller.abort()
    expect(await next).toBe('AbortError')
    expect(await (await request(0)).ended).toBe('aborted')
  })
})

describe('a held body', () => {
  test('sends what was released before the request came', async () => {
    const body = createHeldBody()
    body.release('abc')
    body.release(new Uint8Array([100]))
    body.end()
    const { url } = await start({ body })
    expect(await (await fetch(url)).text()).toBe('abcd')
  })

  test('can be cut, after everything that was released', async () => {
    const body = createHeldBody()
    body.release('abc')
    body.cut()
    const { url, request } = await start({ body })
    expect(await receive(url)).toMatchObject({ received: 'abc', error: 'ECONNRESET' })
    expect(await (await request(0)).ended).toBe('cut')
    expect(() => body.release('d')).toThrow('The body is over')
  })
})

describe('what the upstream knows', () => {
  test('a client that leaves while a piece is held back is an abort', async () => {
    const body = createHeldBody()
    const { url, request } = await start({ body })
    const controller = new AbortController()
    await fetch(url, { signal: controller.signal })
    controller.abort()
    expect(await (await request(0)).ended).toBe('aborted')
    expect(upstream!.running).toBe(0)
  })

  test('a client that leaves while it uploads is no request', async () => {
    const { url } = await start({})
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc')
    await expect.poll(() => upstream!.running).toBe(1)
    socket.destroy()
    await expect.poll(() => upstream!.running).toBe(0)
    expect(upstream!.requests).toEqual([])
  })

  test('a client that does not read holds the upstream back', async () => {
    const piece = new Uint8Array(64 * 1024)
    let produced = 0
    const { url, request } = await start({
      body: (async function* () {
        for (; produced < 2000; produced++) yield piece
      })(),
    })
    const response = await new Promise<IncomingMessage>((resolve) => get(url, resolve))
    response.pause()
    const { sentBytes } = await settled(await request(0))
    expect(sentBytes).toBeLessThan(2000 * piece.byteLength)
    response.destroy()
    expect(await (await request(0)).ended).toBe('aborted')
  })

  test('connections are counted, and closing ends them all', async () => {
    const { url, close } = await start({ body: 'abc', hang: true })
    const response = await fetch(url)
    expect(upstream!.connections).toBe(1)
    await close()
    await expect(response.text()).rejects.toThrow()
    expect(upstream!.connections).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })
})

function receive(
  url: string,
): Promise<{ status: number | undefined; received: string; error: string | undefined }> {
  return new Promise((resolve) => {
    let received = ''
    const failed = (status?: number) => (error: Error & { code?: string }) =>
      resolve({ status, received, error: error.code })
    get(url, { agent: false }, (response) => {
      response.setEncoding('utf8')
      response.on('data', (text: string) => (received += text))
      response.on('error', failed(response.statusCode))
      response.on('end', () => resolve({ status: response.statusCode, received, error: undefined }))
    }).on('error', failed())
  })
}

/** Waits until the upstream has stopped sending: its count is the same over ten looks. */
async function settled(request: UpstreamRequest): Promise<UpstreamRequest> {
  let last = -1
  let same = 0
  await expect
    .poll(
      () => {
        same = request.sentBytes === last && last > 0 ? same + 1 : 0
        last = request.sentBytes
        return same
      },
      { interval: 10 },
    )
    .toBeGreaterThan(10)
  return request
}
