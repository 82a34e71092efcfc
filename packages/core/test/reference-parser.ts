import type { ServerSentEvent } from '../src/types.ts'

/** Everything that a parser tells of a body. */
export interface Reading {
  readonly events: readonly ServerSentEvent[]
  readonly comments: readonly string[]
  readonly retries: readonly number[]
  /** The id of the last block that was dispatched. */
  readonly lastEventId: string
  /** What `end()` returns: the event that the body broke off in. */
  readonly pending: ServerSentEvent | undefined
}

/** Whole bodies leave no state in it. */
const decoder = new TextDecoder()

/**
 * HTML 9.2.6 word by word, on a whole body at once: slow, short, and written apart from the parser that it judges.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function readByTheBook(body: Uint8Array): Reading {
  // "Streams must be decoded using the UTF-8 decode algorithm", which strips one BOM.
  const lines = decoder.decode(body).split(/\r\n|\n|\r/)
  const rest = lines.pop() ?? ''
  const events: ServerSentEvent[] = []
  const comments: string[] = []
  const retries: number[] = []
  let data = ''
  let type = ''
  let id = ''
  let lastEventId = ''

  for (const line of lines) {
    const colon = line.indexOf(':')
    if (line === '') dispatch()
    else if (colon === 0) comments.push(withoutSpace(line.slice(1)))
    else if (colon > 0) field(line.slice(0, colon), withoutSpace(line.slice(colon + 1)))
    else field(line, '')
  }
  // "Once the end of the file is reached, any pending data must be discarded": it is what `end()` gives, with a last
  // data line that has no end.
  if (rest.startsWith('data:')) field('data', withoutSpace(rest.slice(5)))
  const pending = data === '' ? undefined : eventOf()
  return { events, comments, retries, lastEventId, pending }

  function withoutSpace(value: string): string {
    return value.startsWith(' ') ? value.slice(1) : value
  }

  function field(name: string, value: string): void {
    if (name === 'event') type = value
    else if (name === 'data') data += `${value}\n`
    else if (name === 'id') {
      if (!value.includes('\0')) id = value
    } else if (
      name === 'retry' &&
      value !== '' &&
      [...value].every((digit) => '0123456789'.includes(digit))
    ) {
      retries.push(Number(value))
    }
  }

  function eventOf(): ServerSentEvent {
    return { type: type === '' ? 'message' : type, data: data.slice(0, -1), lastEventId: id }
  }

  function dispatch(): void {
    lastEventId = id
    if (data !== '') events.push(eventOf())
    data = ''
    type = ''
  }
}
