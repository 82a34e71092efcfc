import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asNumber, asObject, asText } from './json.ts'
import type { Json } from './json.ts'
import { costOf } from './openai-usage.ts'

/** These the caller runs; every other call has run on the server. */
const OWN = /^(function|custom|computer|local|shell|apply)_/

/** It is missing in some servers' events. */
type Place = number | undefined

function open(write: DeltaWriter): DialectReader {
  /** What came in pieces need not be taken from the whole. */
  const grown = new Set<unknown>()
  /** The reasoning that grew last: an item has several. */
  let last = ''
  /** The call that is open at a place; some proxies give several items the same one. */
  const calls = new Map<Place, unknown>()
  let items = 0
  let model = ''

  /** Words of a message have come, and the message is not over: its places may be others then. */
  let growing = false

  function grow(type: 'text' | 'refusal', key: string, delta: unknown): void {
    growing = true
    write.text(type, delta, key)
  }

  function growReasoning(index: Place, summary: string, delta: unknown): void {
    const key = `reasoning ${index}`
    if (grown.has(key) && last !== summary) write.text('reasoning', '\n\n', key)
    last = summary
    grown.add(key)
    write.text('reasoning', delta, key)
  }

  function readSource({ url, file_id: id, filename, title }: Json): void {
    write.source({ url, id, title: title ?? filename })
  }

  function isOwn({ type, execution, environment }: Json): boolean {
    // A shell may be the provider's, and xAI's own tools are custom ones to it.
    if (asObject(environment)['container_id'] || (type === 'custom_tool_call' && /grok/.test(model)))
      return false
    return execution === 'client' || OWN.test(asText(type))
  }

  function openCall(index: Place, item: Json): void {
    const { type, id, call_id: callId, name } = item
    const toolCallId = callId || id
    const key = toolCallId || index
    calls.set(index, key)
    write.tool(key, toolCallId, name ?? asText(type).slice(0, -5), isOwn(item) ? undefined : true)
    if (type !== 'function_call') write.metadata('tool', key, { openai: { type } })
  }

  function closeCall(index: Place, item: Json): void {
    const { arguments: args, input, action, operation, code, queries, error, status } = item
    if (!calls.has(index)) openCall(index, item)
    const key = calls.get(index)
    calls.delete(index)
    // The caller must not run what the model did not end.
    if (status === 'incomplete') return
    if (!grown.has(key)) write.toolInput(key, args)
    const whole =
      input ?? action ?? item['actions'] ?? operation ?? (code ? { code } : queries && { queries })
    write.toolEnd(key, asText(args) ? undefined : (whole ?? (args || undefined)))
    const sources = asObject(action)['sources']
    for (const source of asList(sources)) readSource(source)
    if (isOwn(item)) return
    const format = asText(item['output_format']) || 'png'
    const image = asText(item['result'])
    if (image) write.file(`data:image/${format};base64,${image}`, `image/${format}`)
    const output = error ?? item['output'] ?? item['results'] ?? item['outputs'] ?? sources
    write.toolOutput(asText(key), output, !!error || status === 'failed')
  }

  function readMessage(index: Place, { content, phase }: Json): void {
    asList(content).forEach(({ text, refusal, annotations }, place) => {
      const key = `${index} ${place}`
      if (!growing) {
        write.text('text', text, key)
        write.text('refusal', refusal, key)
      }
      for (const annotation of asList(annotations)) readSource(annotation)
      // Which of its messages is the answer and which a comment on the way; wanted back.
      if (phase && text) write.metadata('text', key, { openai: { phase } })
    })
  }

  function readReasoning(index: Place, item: Json): void {
    const key = `reasoning ${index}`
    if (!grown.has(key)) {
      const words = [...asList(item['summary']), ...asList(item['content'])]
      words.forEach(({ text }, place) => growReasoning(index, String(place), text))
    }
    const { id: itemId, encrypted_content: encryptedContent } = item
    if (encryptedContent) write.metadata('reasoning', key, { openai: { itemId, encryptedContent } })
  }

  function closeItem(index: Place, item: Json): void {
    const { id, call_id: callId, output } = item
    const type = asText(item['type'])
    items++
    if (type.endsWith('_call')) closeCall(index, item)
    else if (type === 'message') readMessage(index, item)
    else if (type === 'reasoning') readReasoning(index, item)
    else if (callId && output) write.toolOutput(asText(callId), output)
    else write.data(type, item, asText(id))
  }

  function readUsage(raw: Json): void {
    const { cached_tokens: cached, cache_write_tokens: written } = asObject(raw['input_tokens_details'])
    write.usage({
      inputTokens: raw['input_tokens'],
      outputTokens: raw['output_tokens'],
      totalTokens: raw['total_tokens'],
      cachedInputTokens: cached,
      cacheWriteTokens: written,
      reasoningTokens: asObject(raw['output_tokens_details'])['reasoning_tokens'],
      cost: costOf(raw),
      raw,
    })
  }

  function readResponse(response: Json, isLast: boolean): void {
    const { status, output, usage, incomplete_details: incomplete, error } = response
    model = asText(response['model'])
    write.start(response['id'], model)
    if (!isLast) return
    // A response that was not streamed.
    if (!items) asList(output).forEach((item, index) => closeItem(index, item))
    if (usage) readUsage(asObject(usage))
    if (error) write.fail(response)
    write.finish(asObject(incomplete)['reason'] ?? status)
    write.end()
  }

  return {
    read(record) {
      const { delta, annotation, response } = record
      const index = asNumber(record['output_index'])
      const place = asNumber(record['summary_index'] ?? record['content_index']) ?? 0
      const item = asObject(record['item'])
      const key = `${index} ${place}`
      const name = asText(record['type'])
      if (name === 'response.output_text.delta') grow('text', key, delta)
      else if (name === 'response.refusal.delta') grow('refusal', key, delta)
      else if (/reasoning.*delta$/.test(name)) growReasoning(index, name + place, delta)
      else if (/_call.*delta$/.test(name)) {
        grown.add(calls.get(index))
        write.toolInput(calls.get(index), delta)
      } else if (name === 'response.output_item.added') {
        if (asText(item['type']).endsWith('_call')) openCall(index, item)
      } else if (name === 'response.output_item.done') {
        closeItem(index, item)
        growing &&= item['type'] !== 'message'
      } else if (annotation) readSource(asObject(annotation))
      else if (name === 'error') write.fail(record)
      else if (response) readResponse(asObject(response), /complete|failed|cancel/.test(name))
      else if (record['object'] === 'response') readResponse(record, true)
    },
  }
}

/**
 * OpenAI's Responses stream, and those of Azure, xAI, LM Studio, OpenRouter and others.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: Dialect = { name: 'openai-responses', detect: isOf('openai-responses'), open }
