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
  expect(Object.keys(entry)).toEqual(['serve'])
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
      `Port ${first.port} on 127.0.0.1 is in use. Choose another, for example with PORT=`,
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
    const { received } = await rawRequest(server.port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    expect(received).toMatch(/^HTTP\/1.1 200 OK/)
    expect(received).toMatch(/\r\n\r\n$/)
    expect(received).not.toContain('inner detail')
    expect(error).not.toHaveBeenCalled()
    error.mockRestore()
  })
})
