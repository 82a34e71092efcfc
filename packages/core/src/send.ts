import { StreamError } from './errors.ts'
import type { StreamInit } from './types.ts'

export const EVENT_STREAM = 'text/event-stream'
/** In `Accept` the offer, in `Content-Type` the answer. Both are places where CORS asks nobody. */
export const HANDSHAKE = 'rivulet=1'

/** A request beside the caller's own: a GET that resumes, or a POST that stops. */
export interface Detour {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  /** Sent as `Last-Event-ID`. */
  readonly after?: string | undefined
}

/** The absolute URL, where it can be told. */
export function parseUrl(input: string | URL | Request, base?: URL): URL | undefined {
  try {
    const { location } = globalThis as { location?: { readonly href: string } }
    return new URL((input as Request).url ?? input, base ?? location?.href)
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
  // fetch ignores the names that are ours.
  const request = { ...init, method: methodOf(input, init), headers, signal } as RequestInit
  if (detour) {
    const { method, after } = detour
    // A stop is to reach the server although the page is left.
    Object.assign(request, { method, body: null, keepalive: method === 'POST' })
    if (credentials) request.credentials ??= credentials
    headers.delete('content-type')
    if (after) headers.set('last-event-id', after)
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
  if (request.method === 'GET' && 'cache' in Request.prototype) request.cache ??= 'no-store'
  signal.throwIfAborted()
  try {
    // The global is looked up here, so that a page may replace it at any time.
    const response = await (init.fetch ?? fetch)(detour?.url ?? input, request)
    // A fetch of one's own need not heed the signal.
    if (signal.aborted) response.body?.cancel().catch(() => {})
    return response
  } catch (cause) {
    const message = `No answer came (${(cause as Error)?.message}). Is the server up, and this origin allowed?`
    return new StreamError('network', message, { retryable: true, cause })
  }
}
