import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { asList, asObject, asText } from './json.ts'
import type { Json } from './json.ts'
import { costOf } from './openai-usage.ts'

/** These the caller runs; every other call has run on the server. */
const OWN = /^(function|custom_tool|computer|local_shell|shell|apply_patch)_call$/

function open(write: DeltaWriter): DialectReader {
  /** What came in pieces need not be taken from the whole. */
  const grown = new Set<string>()
  /** Of a reasoning item: its latest summary. */
  const summaries = new Map<unknown, unknown>()
  let items = 0

  function grow(type: 'text' | 'refusal' | 'reasoning', key: string, delta: unknown): void {
    grown.add(key)
    write.text(type, delta, key)
  }

  function growReasoning(item: unknown, summary: unknown, delta: unknown): void {
    const key = `reasoning ${String(item)}`
    if (grown.has(key) && summaries.get(item) !== summary) write.text('reasoning', '\n\n', key)
    summaries.set(item, summary)
    grow('reasoning', key, delta)
  }

  function readSource(annotation: Json): void {
    const { url, file_id: file, filename, title } = annotation
    write.source({ url, id: file, title: title ?? filename })
  }

  function openItem(index: unknown, item: Json): void {
    const { type, id, call_id: callId, name } = item
    const kind = asText(type)
    if (!kind.endsWith('_call')) return
    const isOwn = OWN.test(kind)
    write.tool(index, isOwn ? callId || id : id, name ?? kind.slice(0, -5), isOwn ? undefined : true)
    if (kind !== 'function_call') write.metadata('tool', index, { openai: { type } })
  }

  function closeCall(index: unknown, item: Json): void {
    const { type, arguments: text, input, action, operation, code, queries, result } = item
    const key = `call ${String(index)}`
    if (type === 'function_call' || typeof text === 'string') {
      if (!grown.has(key)) write.toolInput(index, text)
      write.toolEnd(index)
    } else write.toolEnd(index, input ?? action ?? operation ?? (code === undefined ? { queries } : { code }))
    for (const source of asList(asObject(action)['sources'])) readSource(source)
    if (OWN.test(asText(type))) return
    if (type === 'image_generation_call') {
      const format = asText(item['output_format']) || 'png'
      if (result) return write.file(`data:image/${format};base64,${asText(result)}`, `image/${format}`)
    }
    const output = item['error'] ?? item['output'] ?? item['results'] ?? item['outputs']
    if (output != null) write.toolOutput(asText(item['id']), output, !!item['error'])
  }

  function readMessage(index: unknown, item: Json): void {
    asList(item['content']).forEach(({ text, refusal, annotations }, place) => {
      const key = `${String(index)} ${place}`
      if (!grown.has(key)) {
        write.text('text', text, key)
        write.text('refusal', refusal, key)
      }
      for (const annotation of asList(annotations)) readSource(annotation)
      // Which of its messages is the answer and which a comment on the way; wanted back.
      if (item['phase'] && text) write.metadata('text', key, { openai: { phase: item['phase'] } })
    })
  }

  function readReasoning(index: unknown, item: Json): void {
    const key = `reasoning ${String(index)}`
    if (!grown.has(key)) {
      const words = [...asList(item['summary']), ...asList(item['content'])]
      words.forEach(({ text }, place) => growReasoning(index, place, text))
    }
    const { id, encrypted_content: encryptedContent } = item
    if (encryptedContent) write.metadata('reasoning', key, { openai: { itemId: id, encryptedContent } })
  }

  function closeItem(index: unknown, item: Json): void {
    items++
    openItem(index, item)
    const kind = asText(item['type'])
    if (kind.endsWith('_call')) closeCall(index, item)
    else if (kind === 'message') readMessage(index, item)
    else if (kind === 'reasoning') readReasoning(index, item)
    else write.data(kind, item, asText(item['id']))
  }

  function readUsage(raw: Json): void {
    const details = asObject(raw['input_tokens_details'])
    write.usage({
      inputTokens: raw['input_tokens'],
      outputTokens: raw['output_tokens'],
      totalTokens: raw['total_tokens'],
      cachedInputTokens: details['cached_tokens'],
      cacheWriteTokens: details['cache_write_tokens'],
      reasoningTokens: asObject(raw['output_tokens_details'])['reasoning_tokens'],
      cost: costOf(raw),
      raw,
    })
  }

  function close(response: Json): void {
    const { status, output, usage, incomplete_details: incomplete, error } = response
    write.start(response['id'], response['model'])
    // A response that was not streamed.
    if (items === 0) asList(output).forEach((item, index) => closeItem(index, item))
    if (usage) readUsage(asObject(usage))
    if (error) write.fail(response)
    write.finish(asObject(incomplete)['reason'] ?? status)
    write.end()
  }

  return {
    read(record) {
      const { item_id: itemId, output_index: index = itemId, content_index: place = 0, delta, type } = record
      const item = asObject(record['item'])
      const response = asObject(record['response'])
      const key = `${String(index)} ${String(place)}`
      switch (type) {
        case 'response.created':
        case 'response.queued':
        case 'response.in_progress':
          return write.start(response['id'], response['model'])
        case 'response.output_text.delta':
          return grow('text', key, delta)
        case 'response.refusal.delta':
          return grow('refusal', key, delta)
        case 'response.reasoning_summary_text.delta':
          return growReasoning(index, `summary ${String(record['summary_index'])}`, delta)
        case 'response.reasoning_text.delta':
        case 'response.reasoning.delta':
          return growReasoning(index, place, delta)
        case 'response.output_item.added':
          return openItem(index, item)
        case 'response.function_call_arguments.delta':
        case 'response.custom_tool_call_input.delta':
        case 'response.mcp_call_arguments.delta':
        case 'response.code_interpreter_call_code.delta':
          grown.add(`call ${String(index)}`)
          return write.toolInput(index, delta)
        case 'response.output_text.annotation.added':
          return readSource(asObject(record['annotation']))
        case 'response.output_item.done':
          return closeItem(index, item)
        case 'response.completed':
        case 'response.incomplete':
        case 'response.failed':
        case 'response.cancelled':
          return close(response)
        case 'error':
          return write.fail(record)
      }
      if (record['object'] === 'response') close(record)
    },
  }
}

/**
 * OpenAI's Responses stream, and those of Azure, xAI, LM Studio, OpenRouter and others.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Dialect = { name: 'openai-responses', open }
