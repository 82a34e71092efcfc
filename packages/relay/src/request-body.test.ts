import { afterEach, describe, expect, test, vi } from 'vitest'
import { readJsonRequest } from './request-body.ts'

type Body = ConstructorParameters<typeof Response>[0]

afterEach(() => void vi.useRealTimers())

const limits = { maxBytes: 64, timeoutMs: 30_000 }

function post(body: Body, headers: Record<string, string> = { 'content-type': 'application/json' }): Request {
  return new Request('http://relay.test/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
}

describe('a body that is passed on', () => {
  test.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['Application/JSON'],
    ['application/vnd.api+json'],
  ])('%s, byte for byte', async (type) => {
    const text = '{ "model":"x",\n"grüße": "😀" }'
    const bytes = await readJsonRequest(post(text, { 'content-type': type }), limits)
    expect(new TextDecoder().decode(bytes)).toBe(text)
  })
})

describe('a body that is refused', () => {
  test.each([
    ['text', post('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['no type', post(new Uint8Array([123, 125]), {}), 415, 'unsupported_media_type'],
    [
      'an encoding',
      post('{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
      415,
      'unsupported_encoding',
    ],
    ['nothing', post(null), 400, 'empty_body'],
    ['an empty text', post(''), 400, 'empty_body'],
    ['half an object', post('{"model":'), 400, 'invalid_json'],
    ['an array', post('[]'), 400, 'invalid_json'],
    ['null', post('null'), 400, 'invalid_json'],
    ['a number', post('1'), 400, 'invalid_json'],
    ['broken UTF-8', post(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400, 'invalid_json'],
    ['65 bytes', post(JSON.stringify({ a: 'x'.repeat(57) })), 413, 'body_too_large'],
  ])('%s', async (_, request, status, code) => {
    await expect(readJsonRequest(request, limits)).rejects.toMatchObject({ status, code })
  })

  test('64 bytes are not too large', async () => {
    const bytes = await readJsonRequest(post(JSON.stringify({ a: 'x'.repeat(56) })), limits)
    expect(bytes.byteLength).toBe(64)
  })

  test('one that does not arrive in time', async () => {
    vi.useFakeTimers()
    const request = post(
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) }),
    )
    const outcome = expect(readJsonRequest(request, limits)).rejects.toMatchObject({
      status: 408,
      code: 'body_timeout',
    })
    await vi.advanceTimersByTimeAsync(30_000)
    await outcome
  })

  test('one that breaks off', async () => {
    const request = post(new ReadableStream({ start: (controller) => controller.error(new Error('gone')) }))
    await expect(readJsonRequest(request, limits)).rejects.toMatchObject({ status: 499, code: 'client_left' })
  })
})
