import { createEventParser } from './event-parser.ts'
import type { ByteSource, ReadEventsOptions, ServerSentEvent } from './types.ts'

interface ChunkReader {
  read(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<unknown>
}

function readerOf(body: ByteSource): ChunkReader {
  // A reader loop rather than the stream's own iterator: Safari has none, and on Node 20 a piped stream is not
  // yet cancelled when cancel() resolves.
  if ('getReader' in body) {
    const reader = body.getReader()
    return { read: () => reader.read(), cancel: (reason) => reader.cancel(reason) }
  }
  const iterator = body[Symbol.asyncIterator]()
  return { read: () => iterator.next(), cancel: async () => iterator.return?.() }
}

/** What a loop around {@link readEvents} wants to know beyond the events. */
export interface ReadObserver {
  /** Called before each wait for bytes; `onChunk` or the end of the loop ends the wait. */
  onWait(): void
  onChunk(chunk: Uint8Array): void
  /** Called at the end of the body with the event it broke off in. */
  onPending(event: ServerSentEvent): void
}

/** {@link readEvents}, observed. */
export async function* readEventsObserved(
  body: ByteSource | null,
  options: ReadEventsOptions,
  observer?: ReadObserver,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { signal } = options
  signal?.throwIfAborted()
  if (!body) return
  const events: ServerSentEvent[] = []
  const parser = createEventParser({ ...options, onEvent: (event) => void events.push(event) })
  const reader = readerOf(body)
  let finished = false
  let interrupt: (reason: unknown) => void = () => {}
  const onAbort = (): void => {
    finished = true
    // Not every source settles a pending read when it is cancelled, so the wait is ended here.
    interrupt(signal?.reason)
    reader.cancel(signal?.reason).catch(() => {})
  }
  const read = (): ReturnType<ChunkReader['read']> =>
    signal
      ? new Promise((resolve, reject) => {
          interrupt = reject
          reader.read().then(resolve, reject)
        })
      : reader.read()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      observer?.onWait()
      const { done, value } = await read()
      signal?.throwIfAborted()
      if (done) break
      if (!value) continue
      observer?.onChunk(value)
      let failure: unknown
      let failed = false
      try {
        parser.push(value)
      } catch (error) {
        // The events before the one that is too large are good.
        failure = error
        failed = true
      }
      for (const event of events.splice(0)) {
        yield event
        signal?.throwIfAborted()
      }
      if (failed) throw failure
    }
    finished = true
    const pending = parser.end()
    if (pending) observer?.onPending(pending)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    if (!finished) await reader.cancel().catch(() => {})
  }
}

/**
 * The events of a body, as an async generator.
 *
 * Reads no faster than the loop takes: a slow consumer stops the sender. Leaving the loop (`break`, `return`,
 * a throw) cancels the body before it returns. An event that the end of the body cuts off is discarded.
 *
 * @throws {StreamError} `limit` when an event outgrows `maxEventBytes`.
 * @throws `signal.reason`, as it is, when the signal aborts; the body's own error, as it is, when it breaks.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * @example
 * const response = await fetch('/events')
 * for await (const { type, data } of readEvents(response.body)) console.log(type, data)
 */
export function readEvents(
  body: ByteSource | null,
  options: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, undefined> {
  return readEventsObserved(body, options)
}
