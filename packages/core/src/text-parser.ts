import { createJsonParser } from './json-parser.ts'
import { PLAIN_TEXT } from './send.ts'
import { sniffing } from './sniffing-parser.ts'
import type { CreateParser, EventParser, EventParserOptions } from './types.ts'

/** JSON that a server calls text: an error, or records of a protocol. Else JSON is the answer's own words. */
const JSON_RECORD =
  /^\s*\[?\s*\{\s*("(error|detail)"|.{0,300}("(choices|candidates|created_at)"|"(chat\.completion|response)"))/s
const ENOUGH = 300

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
export const createTextParser: CreateParser = /* @__PURE__ */ sniffing((options) => {
  const chunks: Uint8Array[] = []
  const decoder = new TextDecoder()
  let beginning = ''
  let parser: EventParser | undefined

  function use(): EventParser {
    const used = (parser = (JSON_RECORD.test(beginning) ? createJsonParser : createPlainParser)(options))
    for (const chunk of chunks.splice(0)) used.push(chunk)
    return used
  }

  return {
    push(chunk) {
      if (parser) return parser.push(chunk)
      beginning += decoder.decode(chunk, { stream: true })
      chunks.push(chunk)
      // Only what may be JSON has to wait.
      if (beginning.length > ENOUGH || !/^\s*($|\[?\s*($|\{))/.test(beginning) || JSON_RECORD.test(beginning))
        use()
    },
    end: () => (parser ?? use()).end(),
    lastEventId: '',
  }
})
