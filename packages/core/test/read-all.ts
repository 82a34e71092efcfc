import { createEventParser } from '../src/event-parser.ts'
import type { ServerSentEvent } from '../src/types.ts'
import type { Reading } from './reference-parser.ts'

/** What the parser makes of the chunks. `afterPush` gets each chunk that was read. */
export function readAll(chunks: Iterable<Uint8Array>, afterPush?: (chunk: Uint8Array) => void): Reading {
  const events: ServerSentEvent[] = []
  const comments: string[] = []
  const retries: number[] = []
  const parser = createEventParser({
    onEvent: (event) => void events.push(event),
    onComment: (comment) => void comments.push(comment),
    onRetry: (milliseconds) => void retries.push(milliseconds),
  })
  for (const chunk of chunks) {
    parser.push(chunk)
    afterPush?.(chunk)
  }
  const { lastEventId } = parser
  return { events, comments, retries, lastEventId, pending: parser.end() }
}
