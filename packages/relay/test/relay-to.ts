import { vi, type Mock } from 'vitest'
import type { RelayOptions } from '../src/options.ts'
import { createRelay, type Relay } from '../src/relay.ts'

/** The key that the relays of these tests keep. */
export const API_KEY = 'sk-server-0123456789'

/** What their upstream answers by default. */
export const EVENTS = 'data: {"a":"grüße"}\n\ndata: [DONE]\n\n'

/** A relay whose upstream is the given function. */
export function relayTo(send: typeof fetch, options: Partial<RelayOptions> = {}): Relay {
  const upstream = { baseUrl: 'https://api.test/v1', apiKey: API_KEY }
  return createRelay({ upstream, authorize: false, fetch: send, ...options })
}

/** An upstream that answers every request alike: an event stream unless told otherwise. */
export function answering(
  body: string | ReadableStream | null = EVENTS,
  init: { status?: number; headers?: Record<string, string> } = {},
): Mock<typeof fetch> {
  const headers = { 'content-type': 'text/event-stream', ...init.headers }
  return vi.fn<typeof fetch>(async () => new Response(body as string | null, { ...init, headers }))
}

/** A question to the relay. */
export function post(body = '{"model":"x"}', init: RequestInit = {}, path = '/v1/chat/completions'): Request {
  const headers = { 'content-type': 'application/json' }
  return new Request(`http://relay.test${path}`, { method: 'POST', body, headers, ...init })
}

/** Asks the relay for the models. */
export function getModels(): Request {
  return new Request('http://relay.test/v1/models')
}

/** The status and the error in an answer's JSON. */
export async function errorOf(
  response: Response,
): Promise<{ status: number; code: string; message: string; type: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; type: string } }
  return { status: response.status, ...error }
}
