import { StreamError } from './errors.ts'
import { createJsonParser } from './json-parser.ts'
import { pageTitle } from './page-title.ts'

/**
 * The JSON records of a text that is no single one: of an event that holds several, or of a body without events.
 *
 * @throws {StreamError} `content-type` for an HTML page, with its title.
 */
export function splitRecords(text: string): string[] {
  if (/^\s*<(!doctype|html|head|body)/i.test(text)) {
    const title = pageTitle(text)
    const what = `The server answered a page instead of events${title ? `: ${title}` : ''}`
    throw new StreamError('content-type', what, { body: text.slice(0, 2000) })
  }
  const records: string[] = []
  if (/^\s*[[{]/.test(text)) {
    const parser = createJsonParser({ onEvent: ({ data }) => void records.push(data) })
    parser.push(new TextEncoder().encode(text))
    // One that is cut is no JSON, and is not left out either.
    const cut = parser.end()
    if (cut) records.push(cut.data)
  }
  return records
}
