import { asList } from '../dialects/json.ts'
import type { Json } from '../dialects/json.ts'
import type { FilePart, TextPart } from '../types.ts'
import { build } from './build.ts'
import { createIds } from './fit.ts'
import { readFile, refuseFile } from './read-file.ts'
import { metadataOf, resultText, textOf } from './read-messages.ts'
import type { Step, Turn } from './read-messages.ts'
import type { BuildRequest, RequestOptions, RequestTool } from './types.ts'

function toContentPart(part: TextPart | FilePart): Json {
  if (part.type !== 'file') return { type: 'text', text: part.text }
  const file = readFile(part)
  const { url, kind, mediaType, data } = file
  if (kind === 'image') return { type: 'image_url', image_url: { url } }
  if (data === undefined) {
    throw refuseFile('openai-chat', file, 'only images by URL, anything else as a data: URL')
  }
  const subtype = mediaType.replace(/^.*?\/(x-)?/s, '')
  if (kind === 'audio') {
    const format = /mpeg|mp3/.test(subtype) ? 'mp3' : /wav/.test(subtype) ? 'wav' : subtype
    return { type: 'input_audio', input_audio: { data, format } }
  }
  return { type: 'file', file: { filename: part.filename || `file.${subtype}`, file_data: url } }
}

/** Text alone is a string, as not every server takes a list. */
function toContent(parts: readonly (TextPart | FilePart)[]): unknown {
  return parts.some(({ type }) => type === 'file') ? parts.map(toContentPart) : textOf(parts, 'text', '\n\n')
}

export const toChatTool = ({ name, description, parameters }: RequestTool): Json => ({
  type: 'function',
  function: { name, description, parameters },
})

function write(turns: readonly Turn[], options: RequestOptions): Json {
  const { model = '', stream = true, tools, toolChoice, maxTokens, temperature, topP, stop } = options
  // Mistral takes nothing but nine letters and digits; OpenAI takes 40 characters.
  const isMistral = /[sx]tral/i.test(model)
  const toId = isMistral ? createIds(/[^a-z\d]/gi, 9, 9) : createIds(/[^\w.:-]/g, 40)
  // Their models think, and refuse the history of a call without the thoughts that led to it.
  const wantsReasoning = /deepseek(?!.*distill)|kimi(?!.*instruct)/i.test(model)
  // OpenAI's own models refuse max_tokens; Mistral, for one, refuses the other. OpenRouter, whose models have a slash
  // in their names, takes both.
  const isOpenai = !model || (/gpt|^o\d|codex/i.test(model) && !/oss|\//i.test(model))
  const messages: Json[] = []

  function addStep({ parts, calls }: Step): void {
    const text = textOf(parts, 'text')
    if (!text.trim() && calls.length === 0) return
    const metadata = parts.map((part) => metadataOf(part.type === 'call' ? part.part : part, 'openrouter'))
    const details =
      !model || model.includes('/') ? metadata.flatMap((each) => asList(each['reasoning_details'])) : []
    const toolCalls = calls.map(({ id, name, input }) => ({
      id: toId(id),
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    }))
    const message: Json = { role: 'assistant', content: text || null }
    if (details.length > 0) message['reasoning_details'] = details
    else if (wantsReasoning && calls.length > 0) {
      // Kimi takes no empty one.
      message['reasoning_content'] = textOf(parts, 'reasoning') || 'The reasoning is not known.'
    }
    if (calls.length > 0) message['tool_calls'] = toolCalls
    messages.push(message)
    calls.forEach((call, place) => {
      messages.push({ role: 'tool', tool_call_id: toolCalls[place]?.id, content: resultText(call) })
    })
  }

  for (const turn of turns) {
    if (turn.role === 'assistant') addStep(turn)
    else if (turn.role === 'user') {
      // Mistral refuses a user who speaks right after a tool.
      const isBetween = isMistral && messages.at(-1)?.['role'] === 'tool'
      if (isBetween) messages.push({ role: 'assistant', content: 'The answer was not given.' })
      messages.push({ role: 'user', content: toContent(turn.parts) })
    } else messages.push({ role: 'system', content: turn.text })
  }
  return {
    model: model || undefined,
    messages,
    stream,
    stream_options: stream ? { include_usage: true } : undefined,
    [isOpenai ? 'max_completion_tokens' : 'max_tokens']: maxTokens,
    temperature,
    top_p: topP,
    stop,
    tools: tools?.map(toChatTool),
    tool_choice:
      typeof toolChoice === 'object' ? { type: 'function', function: { name: toolChoice.name } } : toolChoice,
  }
}

/**
 * The body for OpenAI's Chat Completions and the many servers compatible with it.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export const toOpenaiChatRequest: BuildRequest = (messages, options) => build(write, messages, options)
