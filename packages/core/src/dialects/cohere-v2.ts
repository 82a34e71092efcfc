import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asNumber, asObject, asText } from './json.ts'
import type { Json } from './json.ts'

/** One of a kind comes as it is, several as a list. */
const asItems = (value: unknown): Json[] => asList([value].flat())

function open(write: DeltaWriter): DialectReader {
  /** The calls by their index, each with the arguments so far. */
  const calls = new Map<unknown, { readonly id: string; input: string }>()
  let plan = ''

  function readCall(index: unknown, fragment: Json): void {
    const { name, arguments: input } = asObject(fragment['function'])
    const id = asText(fragment['id'])
    const known = calls.get(index)
    const call = (known && (!id || id === known.id) ? known : undefined) ?? { id, input: '' }
    calls.set(index, call)
    write.tool(call, id, name)
    call.input += asText(input)
    write.toolInput(call, input)
    if (input && typeof input === 'object') write.toolEnd(call, input)
  }

  function endCall(index: unknown): void {
    const call = calls.get(index)
    const input = call?.input.trim()
    // A tool without parameters is sometimes called with null.
    write.toolEnd(call, input === 'null' || input === '' ? {} : undefined)
  }

  function readSource({ id, document, tool_output: output }: Json): void {
    const given = asObject(document ?? output)
    const { url, title, snippet, text } = { ...asObject(given['data']), ...given }
    write.source({ url, id, title, snippet: snippet ?? text })
  }

  /** What an event adds to the message; or the message, when it was not streamed. */
  function readMessage(message: Json, index?: number): void {
    const { tool_plan: words } = message
    // It is neither answer nor thought, and Cohere wants it back under its own name.
    if (asText(words)) write.data('tool-plan', (plan += asText(words)), 'tool-plan')
    asItems(message['content']).forEach(({ text, thinking }, place) => {
      write.text('reasoning', thinking, index ?? place)
      write.text('text', text, index ?? place)
    })
    asItems(message['tool_calls']).forEach((call, place) => {
      if (call['id'] || call['function']) readCall(index ?? place, call)
    })
    for (const { sources } of asItems(message['citations']))
      for (const each of asList(sources)) readSource(each)
  }

  function readEnd({ finish_reason: reason, usage, error }: Json): void {
    if (usage) {
      const { tokens, cached_tokens: cached } = asObject(usage)
      const { input_tokens: input, output_tokens: output } = asObject(tokens)
      write.usage({
        inputTokens: input,
        outputTokens: output,
        cachedInputTokens: cached,
        raw: usage,
      })
    }
    const raw = asText(reason)
    // An answer that ran out of time is cut, whatever it looks like.
    write.finish(raw, raw === 'TIMEOUT' ? 'error' : undefined, error && { error })
    if (error) write.fail({ error })
    write.end()
  }

  return {
    read(record, event) {
      const { id, type, index, delta, message, error } = record
      if (error || [type, event.type].includes('error') || typeof message === 'string')
        return write.fail(record)
      const step = asObject(delta)
      const place = asNumber(index)
      if (type === undefined && message) {
        write.start(id)
        readMessage(asObject(message))
        for (const call of calls.keys()) endCall(call)
        return readEnd(record)
      }
      if (type === 'message-start') write.start(id)
      if (type === 'message-end') return readEnd(step)
      readMessage(asObject(step['message']), place)
      if (type === 'tool-call-end') endCall(place)
    },
  }
}

/**
 * Cohere's Chat API, version 2. The tool plan is a `data` part named `tool-plan`. Token counts are those that the
 * model read and wrote; what of them is billed stands in `usage.raw`.
 *
 * @see https://docs.cohere.com/v2/docs/streaming
 */
export const cohereV2: Dialect = { name: 'cohere-v2', detect: isOf('cohere-v2'), open }
