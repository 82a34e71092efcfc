import { readErrorRecord } from './error-record.ts'
import type { ErrorRecord } from './error-record.ts'
import { StreamError } from './errors.ts'
import { followSignal } from './follow-signal.ts'
import { readChunks } from './read-chunks.ts'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'
import { EVENT_STREAM, send } from './send.ts'
import type { Detour } from './send.ts'
import type { ByteSource, StreamInit } from './types.ts'

/** Enough for every provider's error; a page is cut there. */
const ERROR_BODY_CHARACTERS = 16_000

/** Event streams, and JSON by any of its names: a list in pieces, or a record a line. */
const READABLE = /^(text\/event-stream|application\/(.+[-+])?(nd)?json)/i

/** The error of an answer that is no stream, in the server's own words where it has any. */
async function refusal(
  response: Response,
  contentType: string,
  signal: AbortSignal,
  gone: boolean,
): Promise<StreamError> {
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
    ok ? 'content-type' : gone ? 'gone' : 'http',
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
 * Makes the request, or the one that resumes it, and gives the response if its body can be read as a stream; else
 * `network`, `http`, `content-type` or `gone` as a value.
 *
 * @throws `signal.reason` when the signal aborts; what `init.headers` throws.
 */
export async function connect(
  input: string | URL | Request,
  init: StreamInit,
  signal: AbortSignal,
  detour?: Detour,
): Promise<Response | StreamError> {
  // Neither a function of the caller's nor a fetch of one's own need heed the signal.
  let unfollow: (() => void) | undefined
  const response = await new Promise<Response | StreamError>((resolve, reject) => {
    unfollow = followSignal(signal, reject)
    send(input, init, signal, detour).then(resolve, reject)
  })
  unfollow?.()
  if (response instanceof StreamError) return response
  const { ok, status, headers } = response
  const contentType = headers.get('content-type') ?? EVENT_STREAM
  return ok && (status === 204 || (init.parser ? !contentType.includes('html') : READABLE.test(contentType)))
    ? response
    : refusal(response, contentType, signal, !!detour && (status === 404 || status === 410))
}
