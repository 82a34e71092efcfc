import { createEventParser } from './event-parser.ts'
import { readChunks } from './read-chunks.ts'
import type { ByteSource, CreateParser, ReadEventsOptions, ServerSentEvent } from './types.ts'

/** {@link readEvents}, with any parser. */
export async function* readEventsBy(
  body: ByteSource | null,
  options: ReadEventsOptions,
  createParser: CreateParser = createEventParser,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  if (!body) return
  const { signal } = options
  const events: ServerSentEvent[] = []
  const parser = createParser({ ...options, onEvent: (event) => void events.push(event) })
  for await (const chunk of readChunks(body, signal)) {
    try {
      parser.push(chunk)
    } finally {
      // The events before one that is too large are good.
      for (const event of events.splice(0)) {
        yield event
        signal?.throwIfAborted()
      }
    }
  }
  parser.end()
  // JSON needs no line end at the end.
  yield* events
}

/**
 * The events of a body, as an async generator.
 *
 * Reads no faster than the loop takes: a slow consumer stops the sender. Leaving the loop (`break`, `return`,
 * a throw) cancels the body before it returns; with a `signal` it does not wait until the source has settled that.
 * An event that the end of the body cuts off is discarded.
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
  return readEventsBy(body, options)
}
