import { StreamError } from './errors.ts'
import type { EventParser, EventParserOptions } from './types.ts'

const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024

/**
 * Chunks up to SMALL_CHUNK bytes are gathered until a line ends: a TextDecoder costs some 0.5 µs a call, which
 * is all of the time when a proxy passes 7 bytes on.
 */
const SMALL_CHUNK = 128
const GATHER_BYTES = 1024

const LF = 10
const CR = 13
const SPACE = 32

/** The length of `text` in UTF-8. It came out of a TextDecoder, so surrogates are in pairs, two bytes each. */
function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1
  }
  return bytes
}

/** Whether the line that starts at `at` starts with `data:`. Compared by unit: it is asked of nearly every line. */
function isData(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === 100 &&
    text.charCodeAt(at + 1) === 97 &&
    text.charCodeAt(at + 2) === 116 &&
    text.charCodeAt(at + 3) === 97 &&
    text.charCodeAt(at + 4) === 58
  )
}

/**
 * A push parser for `text/event-stream`: bytes in any cutting in, events out.
 *
 * Follows WHATWG HTML 9.2.6 to the letter: one BOM is dropped; lines end in LF, CR or CRLF, also when the two
 * come in different chunks; an event is dispatched with its blank line and not a byte later. The cost is linear
 * in the bytes, however they are cut.
 *
 * @throws {StreamError} from `push` and `end`: `limit` when one event outgrows `maxEventBytes`. What a callback
 * throws leaves `push` as it is. After either the parser is of no further use.
 * @example
 * const parser = createEventParser({ onEvent: (event) => console.log(event.type, event.data) })
 * for await (const chunk of response.body) parser.push(chunk)
 */
export function createEventParser(options: EventParserOptions): EventParser {
  const { onEvent, onRetry, onComment, maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = options
  const decoder = new TextDecoder()
  const gathered = new Uint8Array(GATHER_BYTES)
  let gatheredBytes = 0

  /** The beginning of a line whose end has not come yet. */
  let line = ''
  /** The last line ended in CR: an LF that follows belongs to it. */
  let afterCR = false
  /** Undefined until a data line came: an event may have empty data, a block without any is none. */
  let data: string | undefined
  let type = ''
  let id = ''
  let lastEventId = ''

  /**
   * The bytes held in `line` and `data`. Upper bounds (text beyond ASCII at three bytes a unit) until they meet
   * the limit, exact from then to the end of the event: counting UTF-8 is spared on nearly every stream.
   */
  let lineBytes = 0
  let dataBytes = 0
  let exact = false
  let ascii = true
  let carried = false

  const measure = (text: string): number => (ascii ? text.length : exact ? utf8Length(text) : text.length * 3)

  function checkLimit(lineSoFar: string): void {
    if (!exact) {
      exact = true
      lineBytes = utf8Length(lineSoFar)
      dataBytes = utf8Length(data ?? '')
    }
    if (lineBytes + dataBytes > maxEventBytes) {
      throw new StreamError(
        'limit',
        `An event is larger than maxEventBytes (${maxEventBytes}). Raise it if the server means to send such events.`,
        { lastEventId },
      )
    }
  }

  function dispatch(): void {
    const event = data === undefined ? undefined : { type: type || 'message', data, lastEventId: id }
    lastEventId = id
    data = undefined
    type = ''
    dataBytes = 0
    exact = false
    if (event) onEvent(event)
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`
    dataBytes += measure(value) + 1
  }

  function endField(field: string): void {
    const colon = field.indexOf(':')
    const name = colon < 0 ? field : field.slice(0, colon)
    const value = colon < 0 ? '' : field.slice(colon + (field.charCodeAt(colon + 1) === SPACE ? 2 : 1))
    if (name === '') onComment?.(value)
    else if (name === 'data') addData(value)
    else if (name === 'event') type = value
    else if (name === 'id') {
      if (!value.includes('\0')) id = value
    } else if (name === 'retry' && /^[0-9]+$/.test(value)) onRetry?.(Number(value))
  }

  /** Ends the line that is `text` from `start` to `end`, after what an earlier chunk left in `line`. */
  function endLine(text: string, start: number, end: number): void {
    if (line !== '') {
      const piece = text.slice(start, end)
      lineBytes += measure(piece)
      const whole = line + piece
      if (lineBytes + dataBytes > maxEventBytes) checkLimit(whole)
      line = ''
      lineBytes = 0
      endField(whole)
    } else if (start === end) {
      dispatch()
    } else {
      lineBytes = ascii ? end - start : exact ? utf8Length(text.slice(start, end)) : (end - start) * 3
      if (lineBytes + dataBytes > maxEventBytes) checkLimit(text.slice(start, end))
      lineBytes = 0
      if (isData(text, start))
        addData(text.slice(start + (text.charCodeAt(start + 5) === SPACE ? 6 : 5), end))
      else endField(text.slice(start, end))
    }
  }

  function read(text: string): void {
    let start = 0
    if (afterCR && text !== '') {
      afterCR = false
      if (text.charCodeAt(0) === LF) start = 1
    }
    let cr = text.indexOf('\r', start)
    for (;;) {
      let end = text.indexOf('\n', start)
      if (cr >= 0 && (end < 0 || cr < end)) end = cr
      if (end < 0) break
      endLine(text, start, end)
      start = end + 1
      if (end === cr) {
        if (start === text.length) afterCR = true
        else if (text.charCodeAt(start) === LF) start++
        cr = text.indexOf('\r', start)
      }
    }
    if (start < text.length) {
      const piece = start === 0 ? text : text.slice(start)
      line += piece
      lineBytes += measure(piece)
      if (lineBytes + dataBytes > maxEventBytes) checkLimit(line)
    }
  }

  function decode(bytes: Uint8Array | undefined): void {
    const text = bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    const plain = text.length === (bytes?.length ?? 0)
    // A character begun in the chunk before can make the lengths equal by chance.
    ascii = plain && !carried
    carried = !plain
    read(text)
  }

  function flush(): void {
    if (gatheredBytes === 0) return
    const bytes = gathered.subarray(0, gatheredBytes)
    gatheredBytes = 0
    decode(bytes)
  }

  return {
    push(chunk) {
      if (!ArrayBuffer.isView(chunk)) {
        throw new TypeError('push() takes bytes (Uint8Array). Do not decode or stringify the body before.')
      }
      const { length } = chunk
      if (length === 0) return
      if (length > SMALL_CHUNK || (gatheredBytes === 0 && chunk[length - 1] === LF)) {
        flush()
        return decode(chunk)
      }
      if (gatheredBytes + length > GATHER_BYTES) flush()
      let lineEnds = false
      for (let i = 0; i < length; i++) {
        const byte = chunk[i] as number
        gathered[gatheredBytes++] = byte
        if (byte === LF || byte === CR) lineEnds = true
      }
      if (lineEnds) flush()
    },
    end() {
      flush()
      decode(undefined)
      // Of a line that is cut off only data can be judged by its reader; half an id or a retry would be wrong.
      if (isData(line, 0)) endLine('', 0, 0)
      line = ''
      lineBytes = 0
      const pending = data === undefined ? undefined : { type: type || 'message', data, lastEventId: id }
      data = undefined
      type = ''
      id = lastEventId
      dataBytes = 0
      exact = afterCR = carried = false
      return pending
    },
    get lastEventId() {
      return lastEventId
    },
  }
}
