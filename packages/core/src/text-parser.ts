import { PLAIN_TEXT } from './send.ts'
import { sniffing } from './sniffing-parser.ts'
import type { CreateParser, EventParser, EventParserOptions } from './types.ts'

function createPlainParser(options: EventParserOptions): EventParser {
  const decoder = new TextDecoder()
  return {
    push(chunk) {
      const data = decoder.decode(chunk, { stream: true })
      if (data) options.onEvent({ type: PLAIN_TEXT, data, lastEventId: '' })
    },
    // Half a character is none.
    end: () => undefined,
    lastEventId: '',
  }
}

/**
 * A push parser for `text/plain`: each chunk's text is an event of the type `text/plain`. A body that begins as an
 * event stream does is read as one.
 */
export const createTextParser: CreateParser = sniffing(createPlainParser)
