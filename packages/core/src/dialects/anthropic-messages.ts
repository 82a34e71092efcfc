import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { asList, asObject, asText, sum } from './json.ts'
import type { Json } from './json.ts'

function open(write: DeltaWriter): DialectReader {
  let id: unknown
  let usage: Json = {}
  /** Arguments that came with the start of a call, as some proxies send them. */
  const inputs = new Map<unknown, unknown>()
  /** Calls by their id, for the results of those that ran on the server. */
  const keys = new Map<unknown, unknown>()
  const signatures = new Map<unknown, string>()

  function readUsage(value: unknown): void {
    // The last counts win; what is not said again stays.
    usage = { ...usage, ...asObject(value) }
    const {
      input_tokens: fresh,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: cached,
    } = usage
    write.usage({
      inputTokens: sum(fresh, written, cached),
      outputTokens: usage['output_tokens'],
      cachedInputTokens: cached,
      cacheWriteTokens: written,
      reasoningTokens: asObject(usage['output_tokens_details'])['thinking_tokens'],
      raw: usage,
    })
  }

  function readMessage(message: Json): void {
    if (id !== undefined && id !== message['id']) {
      return write.fail({ message: 'A second message begins inside of this one.' })
    }
    // Of the same message a second start is a proxy's mistake, and its counts are old.
    if (id !== undefined) return
    id = message['id']
    write.start(id, message['model'])
    if (message['usage']) readUsage(message['usage'])
  }

  function readSource(citation: Json): void {
    const { url, file_id: file, document_index: index, source, title, document_title: name } = citation
    write.source({
      url,
      id: url ? '' : (file ?? source ?? name ?? (index === undefined ? '' : `document ${String(index)}`)),
      title: title ?? name,
      snippet: citation['cited_text'],
    })
  }

  function readResult(block: Json): void {
    const { type, content } = block
    const toolCallId = asText(block['tool_use_id'])
    const failed = block['is_error'] || /error$/.test(asText(asObject(content)['type']))
    write.metadata('tool', keys.get(toolCallId), { anthropic: { resultType: type } })
    write.toolOutput(toolCallId, content, !!failed)
    for (const result of asList(content)) if (result['url']) readSource(result)
  }

  function openBlock(index: unknown, block: Json): void {
    const { type } = block
    const name = asText(type)
    if (type === 'text') {
      write.text('text', block['text'], index)
      for (const citation of asList(block['citations'])) readSource(citation)
    } else if (type === 'thinking') {
      write.text('reasoning', block['thinking'], index)
      sign(index, block['signature'])
    } else if (type === 'redacted_thinking') {
      write.metadata('reasoning', index, { anthropic: { redactedData: block['data'] } })
    } else if (name.endsWith('tool_use')) {
      const toolCallId = write.tool(index, block['id'], block['name'], type !== 'tool_use')
      keys.set(toolCallId, index)
      inputs.set(index, block['input'])
      if (type !== 'tool_use') {
        write.metadata('tool', index, { anthropic: { type, serverName: block['server_name'] } })
      }
    } else if (name.endsWith('tool_result')) readResult(block)
    else write.data(name, block)
  }

  function sign(index: unknown, signature: unknown): void {
    if (!asText(signature)) return
    signatures.set(index, (signatures.get(index) ?? '') + asText(signature))
    write.metadata('reasoning', index, { anthropic: { signature: signatures.get(index) } })
  }

  function growBlock(index: unknown, delta: Json): void {
    write.text('text', delta['text'], index)
    write.text('reasoning', delta['thinking'], index)
    sign(index, delta['signature'])
    if (delta['partial_json']) inputs.delete(index)
    write.toolInput(index, delta['partial_json'])
    if (delta['citation']) readSource(asObject(delta['citation']))
  }

  function closeBlock(index: unknown): void {
    write.toolEnd(index, Object.keys(asObject(inputs.get(index))).length > 0 ? inputs.get(index) : undefined)
  }

  return {
    read(record) {
      const { type, index, delta, message, usage: counts } = record
      if (type === 'message_start') readMessage(asObject(message))
      else if (type === 'content_block_start') openBlock(index, asObject(record['content_block']))
      else if (type === 'content_block_delta') growBlock(index, asObject(delta))
      else if (type === 'content_block_stop') closeBlock(index)
      else if (type === 'message_delta') {
        if (counts) readUsage(counts)
        write.finish(asObject(delta)['stop_reason'])
      } else if (type === 'message_stop') write.end()
      else if (type === 'error') write.fail(record)
      else if (type === 'message') {
        // One that was not streamed.
        readMessage(record)
        asList(record['content']).forEach((block, place) => {
          openBlock(place, block)
          closeBlock(place)
        })
        write.finish(record['stop_reason'])
      }
    },
  }
}

/**
 * Anthropic's Messages stream.
 *
 * @see https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export const anthropicMessages: Dialect = { name: 'anthropic-messages', open }
