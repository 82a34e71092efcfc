import { afterEach, describe, expect, test, vi } from 'vitest'
import { createRedactor } from './redact.ts'
import { upstreamFailure } from './upstream-failure.ts'

type Body = ConstructorParameters<typeof Response>[0]

afterEach(() => void vi.useRealTimers())

const redact = createRedactor(['top-secret-key'])

async function failure(body: Body, type: string, status = 500): Promise<unknown> {
  const response = new Response(body, { status, headers: { 'content-type': type } })
  return JSON.parse(await upstreamFailure(response, redact, 1000))
}

const relayError = (message: string) => ({ error: { code: 'upstream_error', type: 'relay_error', message } })

describe('the upstream’s own JSON', () => {
  test('is passed on with its fields', async () => {
    const own = {
      error: { message: 'slow down', type: 'rate_limit', param: null, code: 429 },
      extra: [1, 'x'],
    }
    expect(await failure(JSON.stringify(own), 'application/json', 429)).toEqual(own)
  })

  test('whatever type it claims', async () => {
    expect(await failure('{"error":"x"}', 'text/plain')).toEqual({ error: 'x' })
  })

  test('loses secrets in names, too', async () => {
    const text = '{"error":{"top-secret-key":"bad","inner":[{"is top-secret-key":1}]}}'
    expect(await failure(text, 'application/json', 401)).toEqual({
      error: { '[redacted]': 'bad', inner: [{ 'is [redacted]': 1 }] },
    })
  })

  test('loses secrets at every depth, also when they are escaped', async () => {
    const text = '{"error":{"message":"key top-secret-key","more":["\\u0074op-secret-key"]}}'
    expect(await failure(text, 'application/json', 401)).toEqual({
      error: { message: 'key [redacted]', more: ['[redacted]'] },
    })
  })
})

describe('anything else is told in the relay’s words', () => {
  test.each([
    ['<h1>Bad gateway</h1>', 'text/html; charset=utf-8', 'The upstream answered 500 with text/html.'],
    ['out of memory: top-secret-key\n', 'text/plain', 'The upstream answered 500: out of memory: [redacted]'],
    ['x'.repeat(400), 'text/plain', `The upstream answered 500: ${'x'.repeat(300)}`],
    ['{"error":', 'application/json', 'The upstream answered 500 with broken JSON.'],
    ['"a text"', 'application/json', 'The upstream answered 500 with broken JSON.'],
    [null, 'application/json', 'The upstream answered 500 without a reason.'],
    ['x', '', 'The upstream answered 500 with an unknown type.'],
    ['['.repeat(60_000), 'application/json', 'The upstream answered 500 with broken JSON.'],
    [`{"a":"${'x'.repeat(70_000)}"}`, 'application/json', 'The upstream answered 500 without a reason.'],
  ])('%.20j as %s', async (body, type, message) => {
    expect(await failure(body, type)).toEqual(relayError(message))
  })

  test('a body that breaks off', async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new Error('gone')) })
    expect(await failure(body, 'application/json')).toEqual(
      relayError('The upstream answered 500 without a reason.'),
    )
  })

  test('a body that never ends', async () => {
    vi.useFakeTimers()
    const outcome = failure(new ReadableStream(), 'application/json')
    await vi.advanceTimersByTimeAsync(1000)
    expect(await outcome).toEqual(relayError('The upstream answered 500 without a reason.'))
  })
})
