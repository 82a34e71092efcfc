import { StreamError } from './errors.ts'
import type { EventParser, EventParserOptions, ServerSentEvent } from './types.ts'

/** No byte that ends a line is greater. */
const CR = 13

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** For what builds on the parser inside this package. */
export interface ParserOptions extends EventParserOptions {
  /** Called with each valid `id` field when its line is read, long before `lastEventId` may move. */
  readonly onId?: ((id: string) => void) | undefined
  /** Called with each `event` field when its line is read. */
  readonly onType?: ((type: string) => void) | undefined
  /** Called at each blank line, after `onEvent` if the block was an event. */
  readonly onBlockEnd?: (() => void) | undefined
  /** Called with each line that is no field of an event; also with the last one, if nothing ends it. */
  readonly onStray?: ((line: string) => void) | undefined
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
 * parser.push(bytes) // for each chunk of the body
 */
export function createEventParser(options: ParserOptions): EventParser {
  const { onEvent, onRetry, onComment, onId, onType, onBlockEnd, onStray, maxEventBytes = 2 ** 24 } = options
  /**
   * Node's decoder reads ASCII several times faster as a whole, unless it was ever given a piece. So there are two:
   * this one as long as the text is ASCII, for chunks between two ASCII bytes: such a chunk cuts no character.
   */
  const whole = new TextDecoder('utf-8', { ignoreBOM: true })
  /** And this one for all others; also for the first, to drop the BOM. */
  const pieces = new TextDecoder()
  let piecewise = true
  /**
   * Chunks up to 128 bytes are gathered until a line ends: a TextDecoder costs 0.1 to 0.5 µs a call, which is most
   * of the time when a proxy passes 7 bytes on.
   */
  const gathered = new Uint8Array(1024)
  let gatheredBytes = 0

  /** The beginning of a line whose end has not come yet. */
  let line = ''
  /** The last line ended in CR: an LF that follows belongs to it. */
  let afterCR = false
  /** Undefined until a data line came: an event may have empty data, a block without any is none. */
  let data: string | undefined
  let type = ''
  let id = options.lastEventId ?? ''
  /**
   * The bytes of the data, and of the line when those are a number. They are counted only from where the UTF-16
   * units, at three bytes each, may be too many; then every text is counted once as it comes, and once more at most.
   */
  let dataBytes = NaN
  let lineBytes = 0

  function hold(piece: string): void {
    line += piece
    if (dataBytes >= 0) lineBytes += bytesOf(piece)
    else if (line.length + (data ?? '').length > maxEventBytes / 3) {
      dataBytes = bytesOf(data ?? '')
      lineBytes = bytesOf(line)
    }
    if (dataBytes + lineBytes > maxEventBytes) {
      throw new StreamError(
        'limit',
        `An event exceeds maxEventBytes (${maxEventBytes}). Raise it if need be.`,
        {
          lastEventId: parser.lastEventId,
        },
      )
    }
  }

  function takeEvent(): ServerSentEvent | undefined {
    const event = data === undefined ? data : { type: type || 'message', data, lastEventId: id }
    data = undefined
    dataBytes = NaN
    type = ''
    return event
  }

  function dispatch(): void {
    parser.lastEventId = id
    const event = takeEvent()
    if (event) onEvent(event)
    onBlockEnd?.()
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`
  }

  function endField(field: string): void {
    // Without a colon the field is all name; unsigned, -1 is beyond it.
    const colon = field.indexOf(':') >>> 0
    const name = field.slice(0, colon)
    const value = field.slice(colon + (field[colon + 1] === ' ' ? 2 : 1))
    if (name === 'data') {
      // The field's name is ASCII: it has as many bytes as units.
      dataBytes += lineBytes - field.length + value.length + (data === undefined ? 0 : 1)
      addData(value)
    } else if (!name) onComment?.(value)
    else if (name === 'event') {
      type = value
      onType?.(type)
    } else if (name === 'id' && !value.includes('\0')) {
      id = value
      onId?.(id)
    } else if (name === 'retry' && /^\d+$/.test(value)) onRetry?.(+value)
    else if (name !== 'id' && name !== 'retry') onStray?.(field)
    lineBytes = 0
  }

  function read(text: string): void {
    let start = afterCR && text[0] === '\n' ? 1 : 0
    afterCR &&= !text
    // Each is searched again only when it was passed: where all lines end in one way, the other is searched once,
    // not to the end of the text with every line. Not found is -1, and unsigned it is beyond every text.
    let lf = -1
    let cr = -1
    for (;;) {
      if (cr < start) cr = text.indexOf('\r', start) >>> 0
      if (lf < start) lf = text.indexOf('\n', start) >>> 0
      let end = cr < lf ? cr : lf
      if (end > text.length) return hold(text.slice(start))
      if (start === end && !line) dispatch()
      else if (line || dataBytes >= 0 || end - start + (data ?? '').length > maxEventBytes / 3) {
        hold(text.slice(start, end))
        const field = line
        line = ''
        endField(field)
      } else if (text.startsWith('data:', start)) {
        // Most lines of most streams, and the blank one after each: endField does the same, but slower.
        start += 4
        addData(text.slice(start + (text[start + 1] === ' ' ? 2 : 1), end))
        if (end === lf && text[end + 1] === '\n') {
          dispatch()
          end++
        }
      } else endField(text.slice(start, end))
      start = end + 1
      if (end === cr) {
        afterCR = start === text.length
        if (text[start] === '\n') start++
      }
    }
  }

  function decode(bytes: Uint8Array): void {
    const open = (bytes[bytes.length - 1] as number) >= 0x80
    const text = piecewise || open ? pieces.decode(bytes, { stream: true }) : whole.decode(bytes)
    piecewise = open || text.length !== bytes.length
    read(text)
  }

  /** Decodes what is gathered up to `end`; a line that has only begun is not yet worth a call. */
  function flush(end = gatheredBytes): void {
    // No bytes must not count as ASCII: the BOM may be still to come.
    if (!end) return
    decode(gathered.subarray(0, end))
    gathered.copyWithin(0, end, gatheredBytes)
    gatheredBytes -= end
  }

  // A field rather than a getter: an object with a getter is slower to call, for each chunk.
  const parser = {
    lastEventId: id,
    push(chunk: Uint8Array): void {
      if (typeof chunk === 'string') throw new TypeError('push() takes bytes, not text.')
      const { length } = chunk
      const at = gatheredBytes
      if (!(length <= 128) || at + length > 1024) {
        flush()
        return decode(chunk)
      }
      let i = 0
      let end = 0
      // Three at a time, as such chunks cost little but this loop. A tab or the like only ends the gathering early.
      for (; i < length - 2; i += 3) {
        if ((gathered[at + i] = chunk[i] as number) <= CR) end = at + i + 1
        if ((gathered[at + i + 1] = chunk[i + 1] as number) <= CR) end = at + i + 2
        if ((gathered[at + i + 2] = chunk[i + 2] as number) <= CR) end = at + i + 3
      }
      for (; i < length; i++) if ((gathered[at + i] = chunk[i] as number) <= CR) end = at + i + 1
      gatheredBytes = at + length
      flush(end)
    },
    end(): ServerSentEvent | undefined {
      flush()
      read(pieces.decode())
      // Of a line that is cut off only data can be judged by its reader; half an id or a retry would be wrong.
      if (line.startsWith('data:')) endField(line)
      else if (line && !/^(data|event|id|retry|)$/.test(line.split(':', 1)[0] as string)) onStray?.(line)
      return takeEvent()
    },
  }
  return parser
}
