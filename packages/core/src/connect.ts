import { readErrorRecord } from './error-record.ts'
import type { ErrorRecord } from './error-record.ts'
import { StreamError } from './errors.ts'
import { readChunks } from './read-chunks.ts'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'
import type { ByteSource, StreamMessageInit } from './types.ts'

const EVENT_STREAM = 'text/event-stream'
/** Enough for every provider's error; a page is cut there. */
const ERROR_BODY_CHARACTERS = 16_000

async function send(
  input: string | URL | Request,
  init: StreamMessageInit,
  signal: AbortSignal,
): Promise<Response> {
  const { headers: given, body } = init
  const { headers: own, method } = input as Partial<Request>
  const headers = new Headers(typeof given === 'function' ? await given() : (given ?? own))
  const setDefault = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value)
  }
  setDefault('accept', EVENT_STREAM)
  // fetch ignores the names that are ours.
  const request = { ...init, headers, signal } as RequestInit
  if (body && !method) request.method ??= 'POST'
  // Plain objects and lists of any realm; FormData, Blob and the like have tags of their own.
  if (/ (Object|Array)]/.test({}.toString.call(body))) {
    setDefault('content-type', 'application/json')
    request.body = JSON.stringify(body)
  }
  signal.throwIfAborted()
  try {
    // The global is looked up here, so that a page may replace it at any time.
    const response = await (init.fetch ?? fetch)(input, request)
    // A fetch of one's own need not heed the signal.
    if (signal.aborted) response.body?.cancel().catch(() => {})
    return response
  } catch (cause) {
    const message = `No answer came (${(cause as Error)?.message}). Is the server up, and this origin allowed?`
    throw new StreamError('network', message, { retryable: true, cause })
  }
}

/** The error of an answer that is no event stream, in the server's own words where it has any. */
async function refusal(response: Response, contentType: string, signal: AbortSignal): Promise<StreamError> {
  const { ok, status, statusText, headers } = response
  const decoder = new TextDecoder()
  let body = ''
  let record: Partial<ErrorRecord>
  try {
    for await (const chunk of readChunks(response.body as ByteSource, signal)) {
      body += decoder.decode(chunk, { stream: true })
      if (body.length > ERROR_BODY_CHARACTERS) break
    }
  } catch {
    // No body, or one that breaks off or hangs: what came of it still says something.
  }
  try {
    record = readErrorRecord(JSON.parse(body))
  } catch {
    // An HTML page, perhaps: its title says what it is.
    const title = /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1]
    record = { message: title?.replace(/\s+/g, ' ').trim() }
  }
  const { message, code: providerCode } = record
  const what = ok ? `${contentType} instead of ${EVENT_STREAM}. Is the URL right?` : `${status} ${statusText}`
  return new StreamError(
    ok ? 'content-type' : 'http',
    `The server answered ${what.trim()}${message ? `: ${message}` : ''}`,
    {
      status,
      providerCode,
      body: body.slice(0, 2000),
      retryable: isRetryableStatus(status),
      retryAfterMs: parseRetryAfter(headers.get('retry-after')),
    },
  )
}

/**
 * One attempt: sends the request and resolves with a response whose body is an event stream.
 *
 * @throws {StreamError} `network`, `http` or `content-type`; `signal.reason` when the signal aborts; what
 * `init.headers` throws.
 */
export async function connect(
  input: string | URL | Request,
  init: StreamMessageInit,
  signal: AbortSignal,
): Promise<Response> {
  // Neither a function of the caller's nor a fetch of one's own need heed the signal.
  const response = await new Promise<Response>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    send(input, init, signal).then(resolve, reject)
    if (signal.aborted) onAbort()
  })
  const contentType = response.headers.get('content-type') ?? EVENT_STREAM
  if (response.ok && contentType.toLowerCase().startsWith(EVENT_STREAM)) return response
  throw await refusal(response, contentType, signal)
}
