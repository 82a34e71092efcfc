import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asObject, asText } from './json.ts'
import { createLangchainReader } from './langchain.ts'

function open(write: DeltaWriter): DialectReader {
  const reader = createLangchainReader(write)
  /** The streams of values of which the first is known: what the graph was given, with all that was said before. */
  const given = new Set<string>()

  /** The graph waits for a person. */
  function readInterrupts(state: unknown): void {
    const { __interrupt__: interrupts } = asObject(state)
    if (interrupts) write.data('interrupt', interrupts, 'interrupt')
  }

  function fail(value: unknown): void {
    // What is called `error` is the exception's class.
    const { error, message } = asObject(value)
    write.fail(message ? { message, code: error } : value)
  }

  return {
    read(record, { type }) {
      // A subgraph's events have its name behind theirs: `messages|agent:1f0c`.
      const mode = type.split('|', 1)[0]
      const values: unknown[] = Array.isArray(record) ? record : []
      // Who passes a graph's messages on may give their events no name.
      if (mode === 'messages' || (mode === 'message' && values.length > 0))
        reader.chunk(values[0], 'messages', values[1])
      else if (mode === 'messages/partial') for (const each of values) reader.whole(each, true)
      else if (mode === 'messages/complete') reader.list(values)
      else if (mode === 'values') {
        readInterrupts(record)
        reader.list(record['messages'] ?? record, !given.has(type))
        given.add(type)
      } else if (mode === 'updates') {
        readInterrupts(record)
        for (const node of Object.values(record)) {
          for (const update of Array.isArray(node) ? node : [node])
            reader.list(asObject(update)['messages'] ?? update)
        }
      } else if (mode === 'events') reader.event(record)
      else if (mode === 'custom') write.data('custom', record)
      else if (mode === 'error') fail(record)
    },
    readText(text, { type }) {
      if (/^custom(\||$)/.test(type)) write.data('custom', text)
      else if (/^error(\||$)/.test(type)) write.fail(asText(text))
    },
    end: () => reader.end(),
  }
}

/**
 * LangGraph's server, in any of its stream modes and in several at once: `messages-tuple`, `messages`, `values`,
 * `updates`, `events` and `custom`; others are left out. The answer is what the models say, whatever the node. What a
 * graph waits for comes as data named `interrupt`, and custom data as `custom`.
 *
 * @see https://docs.langchain.com/langsmith/streaming
 */
export const langgraph: Dialect = {
  name: 'langgraph',
  lists: true,
  detect: isOf('langgraph'),
  endsAtClose: true,
  open,
}
