import { readErrorRecord } from './error-record.ts'
import type { ErrorRecord } from './error-record.ts'
import { StreamError } from './errors.ts'
import { untilAborted } from './follow-signal.ts'
import { pageTitle } from './page-title.ts'
import { readChunks } from './read-chunks.ts'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'
import { EVENT_STREAM, send } from './send.ts'
import type { Detour } from './send.ts'
import type { ByteSource, StreamInit } from './types.ts'

/** Enough for every provider's error; a page is cut there. */
const ERROR_BODY_CHARACTERS = 16_000

/** Event streams, and JSON by any of its names: a list in pieces, or a record a line. */
const EVENTS = /^text\/event-stream/i
const READABLE = /^(text\/event-stream|application\/(.+[-+])?(nd)?json)/i

/** Streams that are no text, by what people know them as, and what to do instead. */
const BINARY: readonly (readonly [RegExp, string])[] = [
  [/amazon\.eventstream/i, "Amazon Bedrock's binary event stream (have your proxy turn it into SSE)"],
  [/ag-ui\.event\+proto/i, "AG-UI's binary stream (ask for text/event-stream)"],
]

/**
 * Makes the request, or the one that resumes it, and gives the response if its body can be read as a stream; else
 * `network`, `http`, `content-type` or `gone` as a value.
 *
 * @param readsText Text without events in it is read, too.
 * @throws `signal.reason` when the signal aborts; what `init.headers` throws.
 */
export async function connect(
  input: string | URL | Request,
  init: StreamInit,
  signal: AbortSignal,
  detour?: Detour,
  readsText?: boolean,
): Promise<Response | StreamError> {
  // Neither a function of the caller's nor a fetch of one's own need heed the signal.
  const response = await untilAborted(signal, send(input, init, signal, detour))
  if (response instanceof StreamError) return response
  const { ok, status, headers, body } = response
  const type = headers.get('content-type') || EVENT_STREAM
  // What a stream of events goes on with are events; a stored JSON of the same name is something else.
  const isReadable = init.parser
    ? !/html/i.test(type)
    : (detour ? EVENTS : READABLE).test(type) || (readsText && /^text\/(plain|markdown)/i.test(type))
  if (ok && (status === 204 || isReadable)) return response

  const decoder = new TextDecoder()
  let text = ''
  let record: Partial<ErrorRecord>
  let isEvents = false
  try {
    for await (const chunk of readChunks(body as ByteSource, signal)) {
      text += decoder.decode(chunk, { stream: true })
      isEvents = ok && /^\s*(data|event):/.test(text)
      if (isEvents || text.length > ERROR_BODY_CHARACTERS) break
    }
  } catch {
    // No body, or one that breaks off or hangs: what came of it still says something.
  }
  try {
    record = readErrorRecord(JSON.parse(text))
  } catch {
    // An HTML page, perhaps: its title says what it is.
    record = { message: pageTitle(text) }
  }
  const { message, code: providerCode } = record
  const binary = BINARY.find(([words]) => words.test(type))?.[1]
  const what = ok ? `${binary ?? type} instead of events or JSON` : status
  const hint = isEvents
    ? ': it is an event stream, let your server call it text/event-stream'
    : ok && !binary
      ? ' (is the URL right?)'
      : ''
  const code = ok ? 'content-type' : detour && (status === 404 || status === 410) ? 'gone' : 'http'
  return new StreamError(code, `The server answered ${what}${message ? `: ${message}` : ''}${hint}`, {
    status,
    providerCode,
    body: text.slice(0, 2000),
    retryable: isRetryableStatus(status),
    retryAfterMs: parseRetryAfter(headers.get('retry-after')),
  })
}
