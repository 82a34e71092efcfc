import type { Json } from '../dialects/json.ts'
import type { FilePart } from '../types.ts'
import { build } from './build.ts'
import { definedOrNone } from './fit.ts'
import { toChatTool } from './openai-chat.ts'
import { readFile, refuseFile } from './read-file.ts'
import { resultText, textOf } from './read-messages.ts'
import type { Step, Turn } from './read-messages.ts'
import type { BuildRequest, RequestOptions } from './types.ts'

function toImage(part: FilePart): string {
  const file = readFile(part)
  if (file.kind !== 'image' || file.data === undefined) {
    throw refuseFile('ollama', file, 'images, as data: URLs')
  }
  return file.data
}

function write(turns: readonly Turn[], options: RequestOptions): Json {
  const { model, stream = true, tools, toolChoice, maxTokens, temperature, topP, stop } = options
  if (toolChoice === 'required' || typeof toolChoice === 'object') {
    throw new TypeError('Ollama cannot be made to call a tool. Leave toolChoice out.')
  }
  const messages: Json[] = []

  function addStep({ parts, calls }: Step): void {
    const content = textOf(parts, 'text')
    if (!content.trim() && calls.length === 0) return
    messages.push({
      role: 'assistant',
      content,
      thinking: textOf(parts, 'reasoning') || undefined,
      tool_calls:
        calls.length > 0
          ? calls.map(({ name, input }) => ({ function: { name, arguments: input } }))
          : undefined,
    })
    for (const call of calls) messages.push({ role: 'tool', tool_name: call.name, content: resultText(call) })
  }

  for (const turn of turns) {
    if (turn.role === 'assistant') addStep(turn)
    else if (turn.role === 'system') messages.push({ role: 'system', content: turn.text })
    else {
      const images = turn.parts.flatMap((part) => (part.type === 'file' ? [toImage(part)] : []))
      const content = textOf(turn.parts, 'text', '\n\n')
      messages.push({ role: 'user', content, ...(images.length > 0 && { images }) })
    }
  }
  return {
    model,
    messages,
    stream,
    tools: toolChoice === 'none' ? undefined : tools?.map(toChatTool),
    options: definedOrNone({ num_predict: maxTokens, temperature, top_p: topP, stop }),
  }
}

/**
 * The body for Ollama's `/api/chat`. Calls have no ids there: results are told by the tool's name and their order.
 *
 * @see https://docs.ollama.com/api/chat
 */
export const toOllamaRequest: BuildRequest = (messages, options) => build(write, messages, options)
