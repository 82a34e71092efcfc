import { providerError } from '../error-record.ts'
import type { Dialect, DialectReader, FinishReason, MessageDelta, Usage } from '../types.ts'

type Json = Record<string, unknown>

/** Nothing of the wire is trusted to have its documented type: what has another is read as empty. */
const object = (value: unknown): Json => (typeof value === 'object' && value ? (value as Json) : {})
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** `tool_calls` is `tool-calls`; what is no reason of ours is `other`. Gemini says "stop" for tool calls, too. */
function readFinishReason(raw: string, calls: boolean): FinishReason {
  // Mistral says model_length; others say max_tokens.
  const cut = /length|max_tokens/i.test(raw)
  const reason = cut ? 'length' : calls && raw === 'stop' ? 'tool-calls' : raw.replace('_', '-')
  return /^(stop|length|tool-calls|content-filter|error)$/.test(reason) ? (reason as FinishReason) : 'other'
}

function readUsage(raw: Json): Usage {
  const cached = object(raw['prompt_tokens_details'])['cached_tokens'] ?? raw['prompt_cache_hit_tokens']
  return {
    inputTokens: number(raw['prompt_tokens']),
    outputTokens: number(raw['completion_tokens']),
    totalTokens: number(raw['total_tokens']),
    cachedInputTokens: number(cached),
    reasoningTokens: number(object(raw['completion_tokens_details'])['reasoning_tokens']),
    cost: number(raw['cost']),
    raw,
  }
}

interface ToolCall {
  readonly part: number
  input: string
}

function open(): DialectReader {
  const calls: ToolCall[] = []
  /** Where a fragment belongs: by index and id; by index alone to its last call; by neither to the last of all. */
  const callOf = new Map<unknown, ToolCall>()
  let out: MessageDelta[] = []
  let started = false
  let finished = false
  /** The number of parts so far, and what the last one is: a delta of another kind begins a new part. */
  let parts = 0
  let last = ''

  function grow(type: 'reasoning-delta' | 'text-delta' | 'refusal-delta', value: unknown): void {
    const delta = text(value)
    if (!delta) return
    if (last !== type) parts++
    last = type
    out.push({ type, part: parts - 1, delta })
  }

  function readDelta(delta: Json): void {
    // DeepSeek and vLLM say reasoning_content; OpenRouter, Groq and Ollama say reasoning.
    grow('reasoning-delta', delta['reasoning_content'] || delta['reasoning'])
    grow('text-delta', delta['content'])
    grow('refusal-delta', delta['refusal'])
    for (const fragment of list(delta['tool_calls'])) readToolCall(fragment)
  }

  function readToolCall(fragment: Json): void {
    const { name, arguments: input } = object(fragment['function'])
    const id = text(fragment['id'])
    const index = fragment['index'] ?? undefined
    // Two calls may come under one index (Cerebras) or none (Gemini), the id with the first fragment only (OpenAI).
    const key = id ? `${String(index)} ${id}` : index
    const known = callOf.get(key)
    const call = known ?? { part: parts, input: '' }
    if (!known) {
      last = ''
      calls.push(call)
      parts++
      const toolCallId = id || `call_${parts}`
      out.push({ type: 'tool-input-start', part: call.part, toolCallId, toolName: text(name) })
    }
    callOf.set(key, call).set(index, call).set(undefined, call)
    const delta = text(input)
    call.input += delta
    if (delta) out.push({ type: 'tool-input-delta', part: call.part, delta })
  }

  /** Only calls that the model ended itself are ready to run without arguments: of one that was cut, none is not `{}`. */
  function closeCalls(whole: boolean): void {
    for (const { part, input } of calls.splice(0)) {
      let parsed: unknown = input
      let invalid: true | undefined
      try {
        parsed = JSON.parse(input || (whole ? '{}' : ''))
      } catch {
        invalid = true
      }
      out.push({ type: 'tool-input-available', part, input: parsed, invalid })
    }
  }

  return {
    read(record, event) {
      out = []
      const { id, model, error, usage, object: kind, type } = record
      // Of several choices the first is the message; they come interleaved.
      const choice = list(record['choices']).find((each) => !each['index'])
      let failed = error || [kind, type, event.type].includes('error')
      if ((choice || failed) && !started) {
        started = true
        out.push({ type: 'start', id: text(id), model: text(model), dialect: 'openai-chat' })
      }
      if (choice) {
        // A completion that was not streamed has its whole message.
        readDelta(object(choice['delta'] ?? choice['message']))
        const raw = text(choice['finish_reason'])
        if (raw && !finished) {
          finished = true
          const finishReason = readFinishReason(raw, calls.length > 0)
          closeCalls(/stop|calls/.test(finishReason))
          out.push({ type: 'finish', finishReason, rawFinishReason: raw })
          failed ||= finishReason === 'error'
        }
      }
      if (usage) out.push({ type: 'usage', usage: readUsage(object(usage)) })
      if (failed) out.push({ type: 'error', error: providerError(record) })
      return out
    },
    end() {
      out = []
      closeCalls(false)
      return out
    },
  }
}

/**
 * OpenAI's Chat Completions stream and the many servers compatible with it.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Dialect = { name: 'openai-chat', open }
