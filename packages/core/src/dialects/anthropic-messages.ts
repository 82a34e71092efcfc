import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asNumber, asObject, asText, sum } from './json.ts'
import type { Json } from './json.ts'

function open(write: DeltaWriter): DialectReader {
  let id: unknown
  let usage: Json = {}
  /** Of each block: what its call is known by, and arguments that came with its start, as some proxies send them. */
  const calls = new Map<
    unknown,
    { readonly key: unknown; readonly isOwn: boolean; input: Json | undefined }
  >()
  const signatures = new Map<unknown, string>()
  /** Blocks that are neither words nor calls. */
  const others = new Map<unknown, Json>()

  function readUsage(value: unknown): void {
    // The last counts win; what is not said again, or said to be null, stays.
    const said = Object.entries(asObject(value)).filter(([, count]) => count !== null)
    usage = { ...usage, ...Object.fromEntries(said) }
    // To make room in the context is billed, but not contained in the counts.
    const extra = asList(usage['iterations']).filter(({ type }) => type === 'compaction')
    const total = (...names: string[]): number | undefined =>
      sum(...[usage, ...extra].flatMap((counts) => names.map((name) => counts[name])))
    write.usage({
      inputTokens: total('input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'),
      outputTokens: total('output_tokens'),
      cachedInputTokens: total('cache_read_input_tokens'),
      cacheWriteTokens: total('cache_creation_input_tokens'),
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
    // There is content if it was not streamed, or goes on with what waited for a tool.
    asList(message['content']).forEach((block, place) => {
      const index = `start ${place}`
      openBlock(index, block)
      closeBlock(index)
    })
  }

  function readEnd({ stop_reason: reason, stop_details: details }: Json): void {
    write.text('refusal', asObject(details)['explanation'])
    write.finish(reason)
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
    const { type, content, tool_use_id: id } = block
    const { url, type: kind, content: document } = asObject(content)
    write.metadata('tool', id, { anthropic: { resultType: type } })
    write.toolOutput(asText(id), content, !!block['is_error'] || asText(kind).endsWith('error'))
    if (url) readSource({ ...asObject(document), url })
    for (const result of asList(content)) if (result['url']) readSource(result)
  }

  function openBlock(index: unknown, block: Json): void {
    const { type, id } = block
    const name = asText(type)
    others.delete(index)
    if (type === 'text') {
      write.text('text', block['text'], index)
      for (const citation of asList(block['citations'])) readSource(citation)
    } else if (type === 'thinking') {
      write.text('reasoning', block['thinking'], index)
      sign(index, block['signature'])
    } else if (type === 'redacted_thinking') {
      write.metadata('reasoning', index, { anthropic: { redactedData: block['data'] } })
    } else if (name.endsWith('tool_use')) {
      const key = id || index
      const isOwn = type === 'tool_use'
      calls.set(index, { key, isOwn, input: asObject(block['input']) })
      write.tool(key, id, block['name'], isOwn ? undefined : true)
      if (!isOwn) write.metadata('tool', key, { anthropic: { type, serverName: block['server_name'] } })
    } else if (name.endsWith('tool_result')) readResult(block)
    else if (name) {
      others.set(index, block)
      write.data(name, block, String(index))
    }
  }

  function sign(index: unknown, value: unknown): void {
    if (!asText(value)) return
    const signature = (signatures.get(index) ?? '') + asText(value)
    signatures.set(index, signature)
    write.metadata('reasoning', index, { anthropic: { signature } })
  }

  function growBlock(index: unknown, delta: Json): void {
    const { text, thinking, signature, partial_json: json, citation } = delta
    const call = calls.get(index)
    const other = others.get(index)
    write.text('text', text, index)
    write.text('reasoning', thinking, index)
    sign(index, signature)
    if (call) {
      if (json) call.input = undefined
      write.toolInput(call.key, json)
    }
    if (citation) readSource(asObject(citation))
    // What was summed up to make room comes so.
    if (other) write.data(asText(other['type']), { ...other, ...delta, type: other['type'] }, String(index))
  }

  function closeBlock(index: unknown): void {
    const call = calls.get(index)
    if (!call) return
    const { key, isOwn, input } = call
    const isEmpty = input && Object.keys(input).length === 0
    // Whether a call without arguments has none, or was cut before them, shows by the reason to stop.
    if (!isEmpty || !isOwn) write.toolEnd(key, isEmpty ? undefined : input)
  }

  return {
    read(record) {
      const { type, delta, message, usage: counts } = record
      const index = asNumber(record['index'])
      if (type === 'message_start') readMessage(asObject(message))
      else if (type === 'content_block_start') openBlock(index, asObject(record['content_block']))
      else if (type === 'content_block_delta') growBlock(index, asObject(delta))
      else if (type === 'content_block_stop') closeBlock(index)
      else if (type === 'message_delta') {
        if (counts) readUsage(counts)
        readEnd(asObject(delta))
      } else if (type === 'message_stop') write.end()
      else if (type === 'error') write.fail(record)
      else if (type === 'message') {
        // One that was not streamed.
        readMessage(record)
        readEnd(record)
      }
    },
  }
}

/**
 * Anthropic's Messages stream.
 *
 * @see https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  detect: isOf('anthropic-messages'),
  open,
}
