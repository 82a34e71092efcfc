import { createEventParser } from './event-parser.ts'
import type { CreateParser, EventParser, ServerSentEvent } from './types.ts'

/** How an event stream begins that its server calls something else: with a field, or a comment. */
const EVENTS = /^((data|event|id|retry):|:[ \w])/
/** White space tells nothing, but is not waited on for ever. */
const MAX_CHUNKS = 1000

/** Reads a body that begins as an event stream does as one, and any other with the given parser. */
export function sniffing(createOther: CreateParser): CreateParser {
  return (options) => {
    const decoder = new TextDecoder()
    /** The parser, once it is clear which. */
    let parser: EventParser | undefined
    let beginning = ''
    const chunks: Uint8Array[] = []

    function use(create: CreateParser): EventParser {
      const used = (parser = create(options))
      for (const chunk of chunks.splice(0)) used.push(chunk)
      return used
    }

    return {
      push(chunk) {
        if (parser) return parser.push(chunk)
        beginning += decoder.decode(chunk, { stream: true })
        chunks.push(chunk)
        const said = beginning.trimStart()
        if (EVENTS.test(said)) use(createEventParser)
        else if (/^([^:deir]|.{6})/s.test(said) || chunks.length > MAX_CHUNKS) use(createOther)
      },
      end() {
        if (parser) return parser.end()
        let pending: ServerSentEvent | undefined
        parser = createOther({ ...options, onEvent: (event) => (pending = event) })
        parser.push(new TextEncoder().encode(beginning))
        return parser.end() ?? pending
      },
      get lastEventId() {
        return parser?.lastEventId ?? ''
      },
    }
  }
}
