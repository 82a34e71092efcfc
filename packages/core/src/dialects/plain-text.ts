import type { DeltaWriter, Dialect, DialectReader, ServerSentEvent } from '../types.ts'
import { asObject } from './json.ts'

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function open(write: DeltaWriter): DialectReader {
  /** Each event is a JSON string, so that line ends survive: the first one that says something tells. */
  let quoted: boolean | undefined

  function readText(text: string, { type }: ServerSentEvent): void {
    if (/^(ping|heartbeat|metadata)$/.test(type)) return
    if (type === 'error') return write.fail(parse(text))
    // Replicate says in its last event how it went.
    if (/^(done|end|finish)$/.test(type)) {
      const reason = asObject(parse(text))['reason']
      if (reason === 'error') write.fail(text)
      else write.finish(reason || 'stop')
      return write.end()
    }
    const value = quoted === false || type === 'text/plain' ? text : parse(text)
    const isString = typeof value === 'string' && value !== text
    if (text) quoted ??= isString
    const error = /^\s*\{\s*"error"/.test(text) && parse(text)
    if (asObject(error)['error']) return write.fail(error)
    // Among strings, what is none is one that was cut.
    if (!quoted || isString) write.text('text', quoted ? value : text)
  }

  return { read() {}, readText }
}

/**
 * The answer's words themselves, as the data of events or as the whole body (`text/plain`). Each event may also be a
 * JSON string. Ends with `[DONE]`, an event of the type `done`, `end` or `finish`, or with the body.
 *
 * @see https://replicate.com/docs/topics/predictions/streaming for Replicate's events, which are of this kind.
 */
export const plainText: Dialect = { name: 'plain-text', json: false, endsAtClose: true, open }
