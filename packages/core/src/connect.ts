import { readErrorRecord } from './error-record.ts'
import type { ErrorRecord } from './error-record.ts'
import { StreamError } from './errors.ts'
import { readChunks } from './read-chunks.ts'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'
import type { ByteSource, StreamMessageInit } from './types.ts'

const EVENT_STREAM = 'text/event-stream'
/** Enough for every provider's error; a page is cut there. */
const ERROR_BODY_CHARACTERS = 16_000

async function toRequestInit(
  input: string | URL | Request,
  init: StreamMessageInit,
  signal: AbortSignal,
): Promise<RequestInit> {
  const { headers: given, body } = init
  const headers = new Headers(
    typeof given === 'function' ? await given() : (given ?? (input as Request).headers),
  )
  const setDefault = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value)
  }
  setDefault('accept', EVENT_STREAM)
  // fetch ignores the names that are ours.
  const request = { ...init, headers, signal } as RequestInit
  if (body) request.method ??= 'POST'
  // Plain objects and lists of any realm; FormData, Blob and the like have tags of their own.
  if (/ (Object|Array)]/.test({}.toString.call(body))) {
    setDefault('content-type', 'application/json')
    request.body = JSON.stringify(body)
  }
  return request
}

/** The answer, given up when the signal aborts: a fetch of one's own need not heed it. */
function untilAborted(answer: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    answer.then((response) => (signal.aborted ? response.body?.cancel() : resolve(response))).catch(reject)
  })
}

/** The error of an answer that is no event stream, in the server's own words where it has any. */
async function refusal(response: Response, contentType: string, signal: AbortSignal): Promise<StreamError> {
  const { ok, status, statusText, headers } = response
  const decoder = new TextDecoder()
  let body = ''
  let record: { [K in keyof ErrorRecord]?: string | undefined } | undefined
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
  const what = ok ? `${contentType} instead of ${EVENT_STREAM}. Is the URL right?` : `${status} ${statusText}`
  return new StreamError(
    ok ? 'content-type' : 'http',
    `The server answered ${what.trim()}${record?.message ? `: ${record.message}` : ''}`,
    {
      status,
      providerCode: record?.code,
      body: body.slice(0, 2000),
      retryable: !ok && isRetryableStatus(status),
      retryAfterMs: parseRetryAfter(headers.get('retry-after')),
    },
  )
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
  const request = await toRequestInit(input, init, signal)
  signal.throwIfAborted()
  let response: Response
  try {
    // The global is looked up here, so that a page may replace it at any time.
    response = await untilAborted((init.fetch ?? fetch)(input, request), signal)
  } catch (cause) {
    signal.throwIfAborted()
    const message = `No answer came (${(cause as Error).message}). Is the server up? Does it allow this origin?`
    throw new StreamError('network', message, { retryable: true, cause })
  }
  const contentType = response.headers.get('content-type') ?? EVENT_STREAM
  if (response.ok && contentType.toLowerCase().startsWith(EVENT_STREAM)) return response
  throw await refusal(response, contentType, signal)
}
