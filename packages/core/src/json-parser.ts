import { StreamError } from './errors.ts'
import type { EventParser, EventParserOptions, ServerSentEvent } from './types.ts'

/** What the next character belongs to. */
const GAP = 0
const STRING = 1
const ESCAPE = 2
const VALUE = 3
const TEXT = 4

/**
 * A push parser for streamed JSON: bytes in any cutting in, each record out as a `message` event whose `data` is
 * its text. Records are told apart, not checked: parse them, once.
 *
 * Reads NDJSON, one array written in pieces, one object, and any of these one after the other:
 *
 * - An object is an event with the brace that closes it, however many lines it has.
 * - An array between records is opened: each element is an event with the byte that closes it. An array in it is
 *   a record of its own.
 * - Anything else is text, a bare value and an upstream's complaint alike, and an event when its line ends; in an
 *   array also at a comma or `]`, and a string at its closing quote. A `]` that closes no array is text.
 * - White space, control characters and commas between records are skipped.
 *
 * A last line needs no LF. `end()` returns the record that the body broke off in; if an array is open, its `[` and
 * what there is of the next element: either way something is missing. `maxEventBytes` counts the UTF-8 bytes of one record, not what lies
 * between two. JSON has no comments, retries or ids. The cost is linear in the bytes, however they are cut.
 *
 * @throws {StreamError} from `push` and `end`: `limit` when one record outgrows `maxEventBytes`. What a callback
 * throws leaves `push` as it is. After either the parser is of no further use.
 * @see https://github.com/ndjson/ndjson-spec and https://www.rfc-editor.org/rfc/rfc8259
 * @example
 * const parser = createJsonParser({ onEvent: (event) => console.log(JSON.parse(event.data)) })
 * parser.push(bytes) // for each chunk of the body
 * parser.end()
 */
export function createJsonParser(options: EventParserOptions): EventParser {
  const { onEvent, maxEventBytes = 2 ** 24 } = options
  const decoder = new TextDecoder()
  let state = GAP
  /** Of brackets open in the record in progress; the array that was opened is none of them. */
  let depth = 0
  let inArray = false
  /** What earlier chunks have of the record in progress. */
  let record = ''
  /** The record's, or more: three for each UTF-16 unit. Counted only where that may be too many, some forty times. */
  let bytes = 0

  function hold(piece: string): void {
    record += piece
    bytes += piece.length * 3
    if (bytes > maxEventBytes) bytes = new TextEncoder().encode(record).length
    if (bytes > maxEventBytes) {
      const message = `An event exceeds maxEventBytes (${maxEventBytes}). Raise it if need be.`
      throw new StreamError('limit', message)
    }
  }

  function takeEvent(): ServerSentEvent {
    const data = record.trimEnd()
    state = GAP
    record = ''
    return { type: 'message', data, lastEventId: '' }
  }

  function read(text: string): void {
    // Twice as fast where a chunk is nothing but the middle of a string: a picture in base64.
    if (state === STRING && !/["\\]/.test(text)) return hold(text)
    let start = 0
    const endRecord = (end: number): void => {
      hold(text.slice(start, end))
      onEvent(takeEvent())
    }
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string
      if (state === STRING) {
        if (char === '\\') state = ESCAPE
        else if (char === '"') {
          state = VALUE
          if (depth === 0) endRecord(at + 1)
        }
      } else if (state === ESCAPE) state = STRING
      else if (state === VALUE) {
        if (char === '"') state = STRING
        else if (char === '{' || char === '[') depth++
        else if (char === '}' || char === ']') {
          if (--depth === 0) endRecord(at + 1)
        }
      } else if (state === TEXT) {
        // What ends a text is no part of it, and is read again as what lies between records.
        if (char === '\n' || (inArray && (char === ',' || char === ']'))) endRecord(at--)
      } else if (char > ' ' && char !== ',') {
        start = at
        if (char === (inArray ? ']' : '[')) inArray = !inArray
        else if (char === '{' || char === '[') {
          state = VALUE
          depth = 1
        } else state = inArray && char === '"' ? STRING : TEXT
      }
    }
    if (state) hold(text.slice(start))
  }

  return {
    push(chunk) {
      if (typeof chunk === 'string') throw new TypeError('push() takes bytes, not text.')
      read(decoder.decode(chunk, { stream: true }))
    },
    end() {
      read(decoder.decode())
      // A last line needs no LF; whether a record or an array is whole shows by its bracket.
      if (state === TEXT && !inArray) onEvent(takeEvent())
      if (inArray) record = `[${record}`
      return record ? takeEvent() : undefined
    },
    lastEventId: '',
  }
}
