import { writeBytes } from './recording.ts'
import type { RecordedChunk, Recording } from './recording.ts'

export interface RecordStreamOptions {
  /** The most bytes of the body that are kept. Default 8 MiB. */
  readonly maxBytes?: number | undefined
}

export interface RecordedStream {
  /** The response to read, in place of the one that was given. */
  readonly response: Response
  /** Grows while the response is read. */
  readonly recording: Recording
}

/** Whatever is not named here stays out: cookies, keys, account and request ids. */
const PUBLIC_HEADERS = [
  'cache-control',
  'content-location',
  'content-type',
  'retry-after',
  'server',
  'via',
  'x-accel-buffering',
  'x-vercel-ai-ui-message-stream',
]

/** Even chunks of a byte cost some 100 bytes of memory. */
const MAX_CHUNKS = 100_000

/** An absolute or relative URL without what may be a secret. Its path stays. */
function withoutSecrets(url: string): string {
  return url.replace(/[?#].*/s, '').replace(/^([\w+.-]*:?\/\/)[^/]*@/, '$1')
}

/**
 * Records an answer while it is read: pass its `response` on and keep the `recording`.
 *
 * The response has the status, headers, url and body of the one given, which belongs to it from then on. It is
 * read no faster than its reader takes, cancelling it cancels the source before it resolves, and an error comes
 * through as it is. A response without a body is passed on itself.
 *
 * The recording is a plain object, live until `end` is set. It has the whole body up to `maxBytes` and 100,000
 * chunks; beyond them the stream goes on and the recording says `truncated`. Of the headers it has an allow-list
 * (`content-type`, `content-location`, `retry-after`, caching, proxies), of URLs neither credentials nor query.
 * It has nothing of the request. What the model said is in it.
 *
 * @throws {TypeError} when the body was read already or is being read.
 * @throws {RangeError} when `maxBytes` is no number from 0.
 * @example
 * const recorded = recordStream(await fetch(url, init))
 * for await (const event of readEvents(recorded.response.body)) console.log(event.data)
 * await writeFile('bug.json', JSON.stringify(recorded.recording))
 */
export function recordStream(response: Response, options: RecordStreamOptions = {}): RecordedStream {
  const { maxBytes = 8 * 1024 * 1024 } = options
  if (!(maxBytes >= 0)) throw new RangeError(`maxBytes is ${maxBytes}, and must be a number from 0.`)
  if (response.bodyUsed) throw new TypeError('recordStream takes a response that nobody has read from.')
  const { body, status, statusText, headers, url, redirected } = response
  const startedAt = performance.now()
  const since = (): number => Math.round(performance.now() - startedAt)
  const publicHeaders: Record<string, string> = {}
  for (const name of PUBLIC_HEADERS) {
    const value = headers.get(name)
    if (value !== null) publicHeaders[name] = name === 'content-location' ? withoutSecrets(value) : value
  }
  const chunks: RecordedChunk[] = []
  const recording: { -readonly [K in keyof Recording]: Recording[K] } = {
    version: 1,
    url: withoutSecrets(url),
    status,
    headers: publicHeaders,
    chunks,
  }
  function end(how: NonNullable<Recording['end']>): void {
    recording.end = how
    recording.endMs = since()
  }
  if (!body) {
    end('complete')
    return { response, recording }
  }

  let room = maxBytes
  function keep(chunk: Uint8Array): void {
    if (recording.truncated) return
    const kept = chunk.subarray(0, room)
    const fits = chunks.length < MAX_CHUNKS
    if (fits && (kept.length > 0 || chunk.length === 0)) chunks.push({ atMs: since(), ...writeBytes(kept) })
    room -= kept.length
    if (!fits || kept.length < chunk.length) recording.truncated = true
  }

  const reader = body.getReader()
  // Pulled rather than piped: a pipe reads ahead, and on Node 20 has not cancelled its source when cancel() resolves.
  const passed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (recording.end) return
          if (done) {
            end('complete')
            controller.close()
          } else {
            keep(value)
            controller.enqueue(value)
          }
        } catch (error) {
          end((error as Error | undefined)?.name === 'AbortError' ? 'cancelled' : 'broken')
          throw error
        }
      },
      cancel(reason) {
        end('cancelled')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  const copy = new Response(passed, { status, statusText, headers })
  // No constructor sets them.
  Object.defineProperties(copy, { url: { value: url }, redirected: { value: redirected } })
  return { response: copy, recording }
}
