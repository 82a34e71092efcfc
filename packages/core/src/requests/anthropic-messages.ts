import { asObject, asText } from '../dialects/json.ts'
import type { Json } from '../dialects/json.ts'
import type { FilePart, TextPart } from '../types.ts'
import { build } from './build.ts'
import { createIds } from './fit.ts'
import { readFile, refuseFile } from './read-file.ts'
import { metadataOf } from './read-messages.ts'
import type { Call, Step, Turn } from './read-messages.ts'
import { createRoles } from './roles.ts'
import type { BuildRequest, RequestOptions } from './types.ts'

/** What every model on sale takes. */
const MAX_TOKENS = 8192

function toBlock(part: TextPart | FilePart): Json {
  if (part.type !== 'file') return { type: 'text', text: part.text }
  const file = readFile(part)
  const { url, kind, mediaType, data } = file
  const source = data === undefined ? { type: 'url', url } : { type: 'base64', media_type: mediaType, data }
  if (kind === 'image') return { type: 'image', source }
  if (mediaType !== 'application/pdf') throw refuseFile('anthropic-messages', file, 'images and PDFs')
  return { type: 'document', source, title: part.filename || undefined }
}

function toResult(id: string, { output, isError }: Call): Json {
  const content = typeof output === 'string' ? output : (JSON.stringify(output) ?? '')
  return {
    type: 'tool_result',
    tool_use_id: id,
    content: content.trim() ? content : undefined,
    is_error: isError || undefined,
  }
}

function write(turns: readonly Turn[], options: RequestOptions): Json {
  const { model, stream = true, tools, toolChoice, maxTokens = MAX_TOKENS, temperature, topP, stop } = options
  const toId = createIds(/[^\w-]/g, 64)
  const { messages, add } = createRoles('assistant', 'content', (text) => ({ type: 'text', text }))

  /** A call that the provider ran, with its result, as they came. */
  function toServerBlocks({ part, id, name, input, isError }: Call, isPaused: boolean): Json[] {
    const { output } = part
    const { type, resultType, serverName } = metadataOf(part, 'anthropic')
    const isMcp = type === 'mcp_tool_use'
    if ((!isMcp && type !== 'server_tool_use') || (output === undefined && !isPaused)) return []
    const fits = isMcp || /^srvtoolu_\w+$/.test(id)
    const toolId = toId(fits ? id : `srvtoolu_${id.replace(/\W/g, '_')}`)
    const call = {
      type,
      id: toolId,
      name,
      input,
      server_name: isMcp ? asText(serverName) : undefined,
    }
    if (output === undefined) return [call]
    const result = { type: asText(resultType) || `${isMcp ? 'mcp' : name}_tool_result`, tool_use_id: toolId }
    return [call, { ...result, content: output, ...(isMcp && { is_error: isError }) }]
  }

  function addStep({ parts, calls, isPaused }: Step, isLast: boolean): void {
    const blocks: Json[] = []
    const results: Json[] = []
    for (const part of parts) {
      if (part.type === 'call') {
        if (part.isServerRun) blocks.push(...toServerBlocks(part, isPaused && isLast && calls.length === 0))
        else {
          const id = toId(part.id)
          blocks.push({ type: 'tool_use', id, name: part.name, input: part.input })
          results.push(toResult(id, part))
        }
      } else if (part.type === 'reasoning') {
        // What another provider thought, and what broke off, has no signature and would be refused.
        const { signature, redactedData } = metadataOf(part, 'anthropic')
        if (asText(signature)) blocks.push({ type: 'thinking', thinking: part.text, signature })
        else if (asText(redactedData)) blocks.push({ type: 'redacted_thinking', data: redactedData })
      } else if (part.type === 'text' && part.text.trim()) blocks.push({ type: 'text', text: part.text })
    }
    // Thinking cannot be the last there is.
    while (asText(blocks.at(-1)?.['type']).endsWith('thinking')) blocks.pop()
    add('assistant', blocks)
    add('user', results)
  }

  for (const turn of turns) {
    if (turn.role === 'assistant') addStep(turn, turn === turns.at(-1))
    else if (turn.role === 'user') add('user', turn.parts.map(toBlock))
  }
  // An answer to go on with must not end in white space.
  const last = messages.at(-1)
  const block = last?.['role'] === 'assistant' ? asObject((last['content'] as Json[]).at(-1)) : {}
  if (block['type'] === 'text') block['text'] = asText(block['text']).trimEnd()

  const system = turns.flatMap((turn) => (turn.role === 'system' ? [turn.text] : [])).join('\n\n')
  const choice = typeof toolChoice === 'object' ? 'tool' : toolChoice === 'required' ? 'any' : toolChoice
  return {
    model,
    system: system || undefined,
    messages,
    stream,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    stop_sequences: stop,
    tools: tools?.map(({ name, description, parameters }) => ({
      name,
      description,
      input_schema: parameters,
    })),
    tool_choice: choice && { type: choice, ...(typeof toolChoice === 'object' && { name: toolChoice.name }) },
  }
}

/**
 * The body for Anthropic's Messages.
 *
 * @see https://docs.claude.com/en/api/messages
 */
export const toAnthropicMessagesRequest: BuildRequest = (messages, options) => build(write, messages, options)
