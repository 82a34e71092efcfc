import { StreamError } from './errors.ts'
import type { StreamInit } from './types.ts'

export const EVENT_STREAM = 'text/event-stream'
/** In `Accept` the offer, in `Content-Type` the answer. Both are places where CORS asks nobody. */
export const HANDSHAKE = 'rivulet=1'

/** A request beside the caller's own: a GET that resumes after an id, or a POST that stops. */
export interface Detour {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** Sent as `Last-Event-ID`. */
  readonly after?: string | undefined
}

interface Page {
  readonly location?: { readonly href: string }
}

/** An id as a header takes it: in UTF-8, a character a byte (HTML, 9.2.3). */
export function toHeaderValue(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('')
}

/** The absolute URL, where it can be told. */
export function parseUrl(input: string | URL | Request, base?: URL): URL | undefined {
  try {
    return new URL((input as Request).url ?? input, base ?? (globalThis as Page).location?.href)
  } catch {
    return undefined
  }
}

/** The method of the caller's request: a body alone makes it a POST. */
export function methodOf(input: string | URL | Request, { method, body }: StreamInit): string {
  return (method ?? (input as Request).method ?? (body ? 'POST' : 'GET')).toUpperCase()
}

/**
 * Sends the caller's request, or a detour with the caller's headers and credentials. A failure to reach the server
 * is a value, so that what is thrown is the caller's own fault, or the signal's reason.
 */
export async function send(
  input: string | URL | Request,
  init: StreamInit,
  signal: AbortSignal,
  detour?: Detour,
): Promise<Response | StreamError> {
  const { headers: given, body, idempotencyKey } = init
  const { headers: own, credentials } = input as Request
  const headers = new Headers(typeof given === 'function' ? await given() : (given ?? own))
  const setDefault = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value)
  }
  setDefault('accept', `${EVENT_STREAM};${HANDSHAKE}`)
  const method = detour?.method ?? methodOf(input, init)
  // fetch ignores the names that are ours. A detour is sent without the Request, but as if it was one.
  const request = {
    ...init,
    method,
    headers,
    signal,
    credentials: init.credentials ?? credentials,
  } as RequestInit
  if (detour) {
    request.body = null
    // A stop is to reach the server although the page is left.
    request.keepalive = method === 'POST'
    headers.delete('content-type')
    if (detour.after) headers.set('last-event-id', toHeaderValue(detour.after))
  } else {
    if (idempotencyKey) setDefault('idempotency-key', idempotencyKey)
    // Plain objects and lists of any realm; FormData, Blob and the like have tags of their own.
    if (/ (Object|Array)]/.test({}.toString.call(body))) {
      setDefault('content-type', 'application/json')
      request.body = JSON.stringify(body)
    }
  }
  // As EventSource: a stream is no thing to keep, and two readers of one would wait for each other in the cache.
  // Some servers' runtimes have no such option and refuse it.
  if (method === 'GET' && 'cache' in Request.prototype) request.cache ??= 'no-store'
  signal.throwIfAborted()
  try {
    // The global is looked up here, so that a page may replace it at any time.
    const response = await (init.fetch ?? fetch)(detour?.url ?? input, request)
    // A fetch of one's own need not heed the signal.
    if (signal.aborted) response.body?.cancel().catch(() => {})
    return response
  } catch (cause) {
    const message = `No answer: ${(cause as Error)?.message}. Is the server up, and this origin allowed?`
    return new StreamError('network', message, { retryable: true, cause })
  }
}
