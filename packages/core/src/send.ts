import { StreamError } from './errors.ts'
import type { StreamInit } from './types.ts'

export const EVENT_STREAM = 'text/event-stream'

/** Also what events are called that are the text of a body, whatever it looks like. */
export const PLAIN_TEXT = 'text/plain'
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
  readonly document?: { readonly baseURI: string }
  readonly location?: { readonly href: string }
}

/** An id as a header takes it: in UTF-8, a character a byte (HTML, 9.2.3). */
export function toHeaderValue(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('')
}

/** The absolute URL, where it can be told. */
export function parseUrl(input: string | URL | Request, base?: URL): URL | undefined {
  try {
    const { document, location } = globalThis as Page
    return new URL((input as Request).url ?? input, base ?? document?.baseURI ?? location?.href)
  } catch {
    return undefined
  }
}

/** Throws what fetch would refuse without asking any server. */
const tryOut = (input: string | URL | Request, init: RequestInit): Request => new Request(input, init)

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
    if (/ (Object|Array)]/.test({}.toString.call(body)) && !(Symbol.asyncIterator in (body as object))) {
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
    // A fetch that cannot reach the server throws a TypeError; of the caller's own, what else it throws is its own.
    if (init.fetch && !(cause instanceof TypeError)) throw cause
    // So is what fetch refuses whatever the server, in the platform's words: an invalid URL, a GET with a body.
    if (!init.fetch && !(input as Request).url) tryOut(input, { ...request, body: body ? '' : null })
    const { message, cause: inner } = cause as { message?: string; cause?: { code?: unknown } }
    const code = `${inner?.code}`
    return new StreamError(
      // Node has a time-out of its own for headers. And an answer that Node cannot read is an answer.
      code === 'UND_ERR_HEADERS_TIMEOUT' ? 'timeout' : 'network',
      `No answer (${message}). Is the server up, and this origin allowed?`,
      { retryable: !/^HPE_|OVERFLOW/.test(code), cause },
    )
  }
}
