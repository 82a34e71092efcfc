import { get } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { postOverHttp, rawRequest, readAll } from '../test/sockets.ts'
import * as entry from './node.ts'

const { serve } = entry
const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

test('the entry exports exactly this', () => {
  expect(Object.keys(entry).sort()).toEqual(['readEnvFile', 'serve'])
})

describe('serve', () => {
  const app = { fetch: () => new Response('hello') }

  test('answers under its url', async () => {
    const server = await serve(app, { port: 0 })
    cleanUps.push(server.close)
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect(await (await fetch(server.url)).text()).toBe('hello')
  })

  test('a taken port is an error that says how to choose another', async () => {
    const first = await serve(app, { port: 0 })
    cleanUps.push(first.close)
    await expect(serve(app, { port: first.port })).rejects.toThrow(
      `Port ${first.port} on 127.0.0.1 is in use. Choose another port, for example ${first.port + 1} (PORT=${first.port + 1} for the commands).`,
    )
  })

  test.each([[-1], [65_536], [1.5], [NaN]])('%d is no port', async (port) => {
    await expect(serve(app, { port })).rejects.toThrow(/is no port/)
  })

  test('an address of another machine is an error in words', async () => {
    await expect(serve(app, { port: 0, hostname: '192.0.2.1' })).rejects.toThrow(/no address of this machine/)
  })

  test('leaves the globals alone', async () => {
    const { Request, Response } = globalThis
    const server = await serve(app, { port: 0 })
    cleanUps.push(server.close)
    expect(globalThis.Request).toBe(Request)
    expect(globalThis.Response).toBe(Response)
  })

  test('closing ends open connections, and frees the port', async () => {
    const server = await serve({ fetch: () => new Response(new ReadableStream()) }, { port: 0 })
    const response = await postOverHttp(server.url)
    const reading = readAll(response)
    await server.close()
    expect((await reading).error).toBe('ECONNRESET')
    await new Promise<void>((resolve) => get(server.url).on('error', () => resolve()))
    cleanUps.push((await serve(app, { port: server.port })).close)
  })

  test('a body that fails at once keeps the status, and its error stays inside', async () => {
    const error = vi.spyOn(console, 'error')
    const fails = () =>
      new Response(new ReadableStream({ start: (controller) => controller.error(new Error('inner detail')) }))
    const server = await serve({ fetch: async () => fails() }, { port: 0 })
    cleanUps.push(server.close)
    const { received } = await rawRequest(server.port, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(received).toMatch(/^HTTP\/1.1 200 OK/)
    expect(received).toMatch(/\r\n\r\n$/)
    expect(received).not.toContain('inner detail')
    expect(error).not.toHaveBeenCalled()
    error.mockRestore()
  })
})

describe('the names it answers to', () => {
  const app = { fetch: () => new Response('hello') }

  async function statusOf(options: entry.ServeOptions, host: string): Promise<string | undefined> {
    const server = await serve(app, { port: 0, ...options })
    cleanUps.push(server.close)
    const request = `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`
    const { received } = await rawRequest(server.port, request)
    return /^HTTP\/1.1 (\d+)/.exec(received)?.[1]
  }

  test.each([
    [{}, 'localhost', '200'],
    [{}, 'LOCALHOST:8787', '200'],
    [{}, '127.0.0.1:1', '200'],
    [{}, '[::1]:8787', '200'],
    [{}, 'evil.test', '421'],
    [{}, 'evil.test:8787', '421'],
    [{}, 'localhost.evil.test', '421'],
    [{ hostname: 'localhost' }, 'evil.test', '421'],
    [{ hostname: '127.1' }, '127.0.0.1', '200'],
    [{ hostname: '127.1' }, 'evil.test', '421'],
    [{ hosts: ['chat.test'] }, 'chat.test', '200'],
    [{ hosts: ['chat.test'] }, 'localhost', '200'],
    [{ hosts: ['chat.test'] }, 'evil.test', '421'],
    [{ hosts: false }, 'evil.test', '200'],
    [{ hostname: '0.0.0.0' }, 'evil.test', '200'],
    [{ hostname: '0.0.0.0', hosts: ['chat.test'] }, 'chat.test', '200'],
    [{ hostname: '0.0.0.0', hosts: ['chat.test'] }, 'evil.test', '421'],
    [{ hostname: '0.0.0.0', hosts: [] }, '0.0.0.0:8787', '200'],
  ] as const)('with %j, Host %s: %s', async (options, host, status) => {
    expect(await statusOf(options, host)).toBe(status)
  })

  test('the refusal is JSON and says what to do; the app is not asked', async () => {
    const fetch = vi.fn(() => new Response('hello'))
    const server = await serve({ fetch }, { port: 0 })
    cleanUps.push(server.close)
    const request = 'GET http://evil.test/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
    const { received } = await rawRequest(server.port, request)
    expect(received).toMatch(/^HTTP\/1.1 421 [^]+content-type: application\/json/i)
    expect(received).toMatch(/"code":"host_not_allowed","message":"[^"]*`hosts` of serve/)
    expect(received).toContain('"type":"relay_error"')
    expect(fetch).not.toHaveBeenCalled()
  })

  test('a name that is none is an error before anything listens', async () => {
    await expect(serve(app, { port: 0, hosts: ['http://chat.test'] })).rejects.toThrow(/is no host/)
  })
})
