import { readErrorRecord } from './error-record.ts'
import { StreamError } from './errors.ts'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'
import type { StreamMessageInit } from './types.ts'

const EVENT_STREAM = 'text/event-stream'
/** Enough for every provider's error; a page is cut there. */
const ERROR_BODY_BYTES = 16 * 1024
const ERROR_BODY_CHARACTERS = 2000
const ERROR_BODY_MS = 5000

/** `{…}` and `[…]`, of any realm, and not FormData, Blob or the like. */
function isPlain(body: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(body)
  return Array.isArray(body) || prototype === null || Object.getPrototypeOf(prototype) === null
}

async function toRequestInit(init: StreamMessageInit, signal: AbortSignal): Promise<RequestInit> {
  const {
    headers: given,
    body: content,
    fetch: _,
    timeout,
    maxEventBytes,
    dialect,
    onOpen,
    onDelta,
    ...rest
  } = init
  const headers = new Headers(typeof given === 'function' ? await given() : given)
  if (!headers.has('accept')) headers.set('accept', EVENT_STREAM)
  const request: RequestInit = { ...rest, headers, signal }
  if (content === null || content === undefined) return request
  request.method ??= 'POST'
  if (typeof content === 'object' && isPlain(content)) {
    request.body = JSON.stringify(content)
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  } else {
    request.body = content as BodyInit
  }
  return request
}

/** The beginning of a body that will be shown in an error. What can't be read is left out. */
async function readBeginning(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), ERROR_BODY_MS)
  let text = ''
  try {
    for (let bytes = 0; bytes < ERROR_BODY_BYTES;) {
      const { done, value } = await reader.read()
      if (done) break
      bytes += value.length
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // A body that breaks off still says something.
  }
  clearTimeout(timer)
  reader.cancel().catch(() => {})
  return text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function refusal(response: Response): Promise<StreamError> {
  const { status, statusText } = response
  const body = await readBeginning(response)
  const record = readErrorRecord(parseJson(body))
  const words = record ? `: ${record.message}` : statusText ? ` (${statusText}).` : '.'
  return new StreamError('http', `The server answered ${status}${words}`, {
    status,
    providerCode: record?.code,
    body: body.slice(0, ERROR_BODY_CHARACTERS),
    retryable: isRetryableStatus(status),
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after')),
  })
}

async function wrongContent(response: Response, contentType: string): Promise<StreamError> {
  const body = await readBeginning(response)
  const title = /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1]?.replace(/\s+/g, ' ').trim()
  const record = readErrorRecord(parseJson(body))
  const what = record
    ? `an error: ${record.message}`
    : contentType.startsWith('text/html')
      ? `an HTML page${title ? ` ("${title}")` : ''} instead of an event stream. Is the URL right, and is there no login in between?`
      : `${contentType} instead of ${EVENT_STREAM}. Is the URL right, and does the request ask for a stream?`
  return new StreamError('content-type', `The server answered with ${what}`, {
    status: response.status,
    providerCode: record?.code,
    body: body.slice(0, ERROR_BODY_CHARACTERS),
  })
}

/**
 * One attempt: sends the request and resolves with a response whose body is an event stream.
 *
 * @throws {StreamError} `network`, `http` or `content-type`; `signal.reason` when the signal aborts.
 */
export async function connect(
  input: string | URL | Request,
  init: StreamMessageInit,
  signal: AbortSignal,
): Promise<Response> {
  signal.throwIfAborted()
  const request = await toRequestInit(init, signal)
  signal.throwIfAborted()
  // Late-bound, so that a page may replace the global fetch at any time.
  const send = init.fetch ?? ((url, options) => globalThis.fetch(url, options))
  let response: Response
  try {
    response = await send(input, request)
  } catch (cause) {
    signal.throwIfAborted()
    const why = cause instanceof Error && cause.message ? ` (${cause.message})` : ''
    throw new StreamError(
      'network',
      `No answer came${why}. Is the server running, and does it allow this origin (CORS)?`,
      { retryable: true, cause },
    )
  }
  if (signal.aborted) {
    // A fetch of one's own need not heed the signal.
    response.body?.cancel().catch(() => {})
    throw signal.reason
  }
  if (!response.ok) throw await refusal(response)
  const contentType = response.headers.get('content-type')?.toLowerCase() ?? ''
  if (contentType !== '' && !contentType.startsWith(EVENT_STREAM)) {
    throw await wrongContent(response, contentType)
  }
  return response
}
