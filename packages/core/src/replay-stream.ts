import { readRecording } from './recording.ts'
import type { Fetch } from './types.ts'

export interface ReplayStreamOptions {
  /** How much faster than recorded: 2 halves every wait, `Infinity` waits for nothing. Default 1. */
  readonly speed?: number | undefined
}

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Statuses whose responses have no body, not even an empty one. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** The header and the query by which a stream is resumed. */
function resumes(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const headers = new Headers(init?.headers ?? (input as Partial<Request>).headers)
  return headers.has('last-event-id') || /[?&]after=/.test((input as Partial<Request>).url ?? String(input))
}

/**
 * A `fetch` that answers each request with a recording: its status, its headers, and its chunks at their times.
 *
 * It ends as the recording does. A body that had broken, was left or cut off by `maxBytes`, or had not ended yet
 * errors with a TypeError where the recording ends, as a lost connection does: only a complete answer ever looks
 * complete. Chunks come as they are asked for, never before their time; a reader that is late finds the next one
 * ready. The signal is heeded and the body can be cancelled, as with the real one. A timer runs only while a chunk
 * is waited for.
 *
 * A stream that is broken and resumable is resumed by its reader. The recording has nothing to go on with, so once
 * it was played, a request with `Last-Event-ID` or `?after=` is answered with 410.
 *
 * @param recording What `recordStream` made, as it is, parsed or imported from a file. Read once, here.
 * @throws {TypeError} when it is no recording of version 1, and says why.
 * @throws {RangeError} when `speed` is not positive.
 * @example
 * const fetch = replayStream(recording, { speed: 10 })
 * for await (const delta of streamMessage('https://recorded.example', { body: {}, fetch })) console.log(delta)
 */
export function replayStream(recording: object, options: ReplayStreamOptions = {}): Fetch {
  const { speed = 1 } = options
  if (!(speed > 0)) throw new RangeError(`speed is ${speed}, and must be positive.`)
  const { url, status, headers, chunks, endMs, broken } = readRecording(recording)
  let played = false

  function play(signal: AbortSignal | null | undefined): ReadableStream<Uint8Array> {
    const startedAt = performance.now()
    let next = 0
    let ended = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let onAbort: () => void
    function end(): void {
      ended = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const until = (atMs: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          const left = startedAt + atMs / speed - performance.now()
          if (left > 0) timer = setTimeout(look, Math.min(Math.ceil(left), MAX_TIMER_MS))
          else resolve()
        }
        look()
      })
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          onAbort = () => {
            end()
            controller.error(signal?.reason)
          }
          signal?.addEventListener('abort', onAbort)
        },
        async pull(controller) {
          const chunk = chunks[next++]
          await until(chunk?.atMs ?? endMs)
          if (ended) return
          // A copy: who reads it may give its memory away.
          if (chunk) return controller.enqueue(chunk.bytes.slice())
          end()
          if (broken === undefined) controller.close()
          else controller.error(new TypeError(`The recorded answer is not whole: ${broken}.`))
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    )
  }

  return async (input, init) => {
    const signal = init?.signal ?? (input as Partial<Request>).signal
    signal?.throwIfAborted()
    const spent = played && resumes(input, init)
    played = true
    if (spent) return new Response('The recording ends where it broke.', { status: 410 })
    const response = new Response(WITHOUT_BODY.has(status) ? null : play(signal), { status, headers })
    return Object.defineProperty(response, 'url', { value: url })
  }
}
