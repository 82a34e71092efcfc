import { asText } from '../dialects/json.ts'
import type { Json } from '../dialects/json.ts'
import type { FilePart, TextPart } from '../types.ts'
import { build } from './build.ts'
import { createIds } from './fit.ts'
import { readFile, refuseFile } from './read-file.ts'
import { metadataOf, resultText } from './read-messages.ts'
import type { Call, Step, Turn } from './read-messages.ts'
import type { BuildRequest, RequestOptions } from './types.ts'

function toContentPart(part: TextPart | FilePart): Json {
  if (part.type !== 'file') return { type: 'input_text', text: part.text }
  const file = readFile(part)
  const { url, kind, mediaType, data } = file
  if (kind === 'image') return { type: 'input_image', image_url: url, detail: 'auto' }
  if (kind === 'audio' || kind === 'video') {
    throw refuseFile('openai-responses', file, 'images and documents')
  }
  if (data === undefined) return { type: 'input_file', file_url: url }
  return { type: 'input_file', filename: part.filename || mediaType.replace('/', '.'), file_data: url }
}

function write(turns: readonly Turn[], options: RequestOptions): Json {
  const { model, stream = true, tools, toolChoice, maxTokens, temperature, topP } = options
  if (options.stop?.length) {
    throw new TypeError('openai-responses has no stop sequences. Leave stop out, or use openai-chat.')
  }
  const toId = createIds(/[^\w.:-]/g, 64)
  // Those that do not reason refuse a request with reasoning in it, or for it.
  const reasons = !/gpt-[34]|-chat/i.test(model ?? '')
  const input: Json[] = []

  function addCalls(calls: readonly Call[]): void {
    const results = calls.map((call): Json => {
      const { name, part } = call
      const isCustom =
        metadataOf(part, 'openai')['type'] === 'custom_tool_call' && typeof part.input === 'string'
      const type = isCustom ? 'custom_tool_call' : 'function_call'
      const id = toId(call.id)
      input.push({
        type,
        call_id: id,
        name,
        ...(isCustom ? { input: part.input } : { arguments: JSON.stringify(call.input) }),
      })
      return { type: `${type}_output`, call_id: id, output: resultText(call) }
    })
    for (const result of results) input.push(result)
  }

  function addStep({ parts, calls }: Step): void {
    /** Reasoning must stand before what came of it, or not at all. */
    let thoughts: Json[] = []
    function flush(): void {
      for (const thought of thoughts) input.push(thought)
      thoughts = []
    }
    for (const part of parts) {
      if (part.type === 'reasoning') {
        const { itemId, encryptedContent, summary } = metadataOf(part, 'openai')
        if (!reasons || !asText(encryptedContent)) continue
        thoughts.push({
          type: 'reasoning',
          id: asText(itemId) || undefined,
          summary: Array.isArray(summary)
            ? summary
            : part.text
              ? [{ type: 'summary_text', text: part.text }]
              : [],
          encrypted_content: encryptedContent,
        })
      } else if (part.type === 'text' && part.text.trim()) {
        flush()
        const { phase } = metadataOf(part, 'openai')
        input.push({ role: 'assistant', content: part.text, phase: asText(phase) || undefined })
      } else if (part.type === 'call' && !part.isServerRun) flush()
      else thoughts = []
    }
    addCalls(calls)
  }

  const [first, ...rest] = turns
  const isSystem = first?.role === 'system'
  for (const turn of isSystem ? rest : turns) {
    if (turn.role === 'assistant') addStep(turn)
    else if (turn.role === 'user') input.push({ role: 'user', content: turn.parts.map(toContentPart) })
    else input.push({ role: 'system', content: turn.text })
  }
  return {
    model,
    instructions: isSystem ? first.text : undefined,
    input,
    stream,
    store: false,
    include: reasons ? ['reasoning.encrypted_content'] : undefined,
    max_output_tokens: maxTokens,
    temperature,
    top_p: topP,
    tools: tools?.map(({ name, description, parameters }) =>
      // Strict by default, it would refuse a schema whose properties are not all required.
      ({ type: 'function', name, description, parameters, strict: false }),
    ),
    tool_choice: typeof toolChoice === 'object' ? { type: 'function', name: toolChoice.name } : toolChoice,
  }
}

/**
 * The body for OpenAI's Responses and those of others. Nothing is stored: the whole conversation is in it, with the
 * reasoning as its provider has encrypted it.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export const toOpenaiResponsesRequest: BuildRequest = (messages, options) => build(write, messages, options)
