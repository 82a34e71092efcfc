import type { EventSourceMessage } from '@microsoft/fetch-event-source'
import { createEventParser } from './event-parser.ts'

interface MessageParser {
  push(chunk: Uint8Array): void
  /** Whether the body ended within a block, and so too early. */
  end(): boolean
}

const LF = 10
const CR = 13

/**
 * A parser that gives events as the package's messages: `event` and `id` are of this block alone, `""` without such
 * a line. `onId` is told the id to resume after, at the end of each block that has one.
 */
export function createMessageParser(
  onMessage: (message: EventSourceMessage) => void,
  onId: (id: string) => void,
  onRetry: (milliseconds: number) => void,
): MessageParser {
  let block: Partial<EventSourceMessage> = {}
  let lastByte = LF
  const parser = createEventParser({
    onId: (id) => void (block.id = id),
    onType: (type) => void (block.event = type),
    onRetry(milliseconds) {
      block.retry = milliseconds
      onRetry(milliseconds)
    },
    onEvent({ data }) {
      // All four members are always there, as with the package.
      onMessage({ data, event: '', id: '', retry: undefined, ...block } as EventSourceMessage)
    },
    onBlockEnd() {
      if (block.id !== undefined) onId(block.id)
      block = {}
    },
  })
  return {
    push(chunk) {
      lastByte = chunk.at(-1) ?? lastByte
      parser.push(chunk)
    },
    end() {
      return !!parser.end() || Object.keys(block).length > 0 || (lastByte !== LF && lastByte !== CR)
    },
  }
}
