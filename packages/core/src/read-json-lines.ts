import { StreamError } from './errors.ts'
import { createJsonParser } from './json-parser.ts'
import { readEventsBy } from './read-events.ts'
import type {
  ByteSource,
  EventParser,
  EventParserOptions,
  ReadEventsOptions,
  ServerSentEvent,
} from './types.ts'

/**
 * The records of a JSON body, as an async generator: NDJSON (Ollama), or one array written in pieces (Gemini
 * without `alt=sse`), each record as soon as it is whole.
 *
 * A record is a `message` event whose `data` is its JSON text, not parsed or checked yet; so a line that is no JSON
 * comes as it is. An array is opened, its elements are the records. A last line needs no LF.
 *
 * Reads no faster than the loop takes. Leaving the loop (`break`, `return`, a throw) cancels the body before it
 * returns; with a `signal` it does not wait until the source has settled that.
 *
 * @throws {StreamError} `incomplete` when the body ends inside of a record or of the array, after the records
 * before; `limit` when a record outgrows `maxEventBytes`.
 * @throws `signal.reason`, as it is, when the signal aborts; the body's own error, as it is, when it breaks.
 * @see https://github.com/ndjson/ndjson-spec
 * @example
 * const response = await fetch('http://localhost:11434/api/chat', { method: 'POST', body })
 * for await (const event of readJsonLines(response.body)) {
 *   const { message, done } = JSON.parse(event.data)
 *   output.append(message.content)
 * }
 */
export async function* readJsonLines(
  body: ByteSource | null,
  options: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let pending: ServerSentEvent | undefined
  const createParser = (given: EventParserOptions): EventParser => {
    const parser = createJsonParser(given)
    return { ...parser, end: () => (pending = parser.end()) }
  }
  yield* readEventsBy(body, options, createParser)
  if (pending)
    throw new StreamError('incomplete', `The body ends inside of a record: ${pending.data.slice(0, 80)}`)
}
