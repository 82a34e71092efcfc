import { createEventParser } from './event-parser.ts'
import { PLAIN_TEXT } from './send.ts'
import type { EventParser, EventParserOptions, ServerSentEvent } from './types.ts'

/** How an event stream begins that its server calls text. */
const EVENTS = /^\s*(data|event|id|retry):/
const LONGEST_FIELD = 'retry:'.length

/**
 * A push parser for `text/plain`: each chunk's text is an event of the type `text/plain`. A body that begins as an
 * event stream does is read as one.
 */
export function createTextParser(options: EventParserOptions): EventParser {
  const decoder = new TextDecoder()
  let events: EventParser | undefined
  /** What has come while it is not clear yet which it is. */
  let beginning: string | undefined = ''
  const chunks: Uint8Array[] = []

  const toEvent = (data: string): ServerSentEvent => ({ type: PLAIN_TEXT, data, lastEventId: '' })

  function read(text: string): void {
    if (text) options.onEvent(toEvent(text))
  }

  return {
    push(chunk) {
      if (events) return events.push(chunk)
      const text = decoder.decode(chunk, { stream: true })
      if (beginning === undefined) return read(text)
      beginning += text
      chunks.push(chunk)
      if (EVENTS.test(beginning)) {
        events = createEventParser(options)
        for (const each of chunks.splice(0)) events.push(each)
        return
      }
      if (beginning.trimStart().length < LONGEST_FIELD) return
      const whole = beginning
      beginning = undefined
      chunks.length = 0
      read(whole)
    },
    end() {
      if (events) return events.end()
      const rest = (beginning ?? '') + decoder.decode()
      return rest ? toEvent(rest) : undefined
    },
    get lastEventId() {
      return events?.lastEventId ?? ''
    },
  }
}
