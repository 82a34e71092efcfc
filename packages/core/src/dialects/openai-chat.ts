import { readErrorRecord } from '../error-record.ts'
import { StreamError } from '../errors.ts'
import type { Dialect, DialectReader, FinishReason, MessageDelta, Usage } from '../types.ts'

type Json = Record<string, unknown>

/** Nothing of the wire is trusted to have its documented type: what has another is read as empty. */
const object = (value: unknown): Json => (typeof value === 'object' && value ? (value as Json) : {})
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** `tool_calls` is `tool-calls`; what is no reason of ours is `other`. Gemini says "stop" for tool calls, too. */
function readFinishReason(raw: string, calls: boolean): FinishReason {
  const reason = calls && raw === 'stop' ? 'tool-calls' : raw.replace('_', '-')
  return /^(stop|length|tool-calls|content-filter|error)$/.test(reason) ? (reason as FinishReason) : 'other'
}

function readUsage(raw: Json): Usage {
  const inputTokens = number(raw['prompt_tokens'])
  const totalTokens = number(raw['total_tokens'])
  const reasoningTokens = number(object(raw['completion_tokens_details'])['reasoning_tokens'])
  let outputTokens = number(raw['completion_tokens'])
  // xAI counts reasoning beside the completion (12 + 1 + 290 = 303); everyone else within it.
  const apart = (inputTokens as number) + (outputTokens as number) + (reasoningTokens as number)
  if (apart === totalTokens) outputTokens = totalTokens - (inputTokens as number)
  return {
    inputTokens,
    outputTokens,
    totalTokens,
    cachedInputTokens:
      number(object(raw['prompt_tokens_details'])['cached_tokens']) ?? number(raw['prompt_cache_hit_tokens']),
    reasoningTokens,
    cost: number(raw['cost']),
    raw,
  }
}

interface ToolCall {
  readonly part: number
  readonly index: unknown
  readonly id: string
  input: string
}

function open(): DialectReader {
  const calls: ToolCall[] = []
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
    const { content, reasoning } = delta
    const thought = text(delta['reasoning_content']) || text(reasoning)
    if (thought) grow('reasoning-delta', thought)
    else for (const detail of list(delta['reasoning_details'])) grow('reasoning-delta', detail['text'])
    grow('text-delta', content)
    // Mistral's content may be a list of typed parts.
    for (const part of list(content)) {
      for (const each of list(part['thinking'])) grow('reasoning-delta', each['text'])
      grow('text-delta', part['text'])
    }
    grow('refusal-delta', delta['refusal'])
    for (const fragment of list(delta['tool_calls'])) readToolCall(fragment)
  }

  function readToolCall(fragment: Json): void {
    const { name, arguments: piece } = object(fragment['function'])
    const id = text(fragment['id'])
    const index = fragment['index'] ?? undefined
    // Index and id together are the key: two calls may come under one index (Cerebras) or none (Gemini), and
    // the id comes with the first fragment only (OpenAI).
    let call = calls.findLast((each) => (id ? each.id === id : index === undefined || each.index === index))
    if (!call) {
      last = ''
      call = { part: parts++, index, id: id || `call_${parts}`, input: '' }
      calls.push(call)
      out.push({ type: 'tool-input-start', part: call.part, toolCallId: call.id, toolName: text(name) })
    }
    const delta = text(piece)
    call.input += delta
    if (delta) out.push({ type: 'tool-input-delta', part: call.part, delta })
  }

  function closeCalls(): void {
    for (const { part, input } of calls.splice(0)) {
      let parsed: unknown = input
      let invalid: true | undefined
      try {
        parsed = JSON.parse(input || '{}')
      } catch {
        invalid = true
      }
      out.push({ type: 'tool-input-available', part, input: parsed, invalid })
    }
  }

  return {
    read(record) {
      out = []
      const { id, model, error, usage } = record
      // Of several choices the first is the message; they come interleaved.
      const choice = list(record['choices']).find((each) => !each['index'])
      const failed = error || record['object'] === 'error' ? readErrorRecord(record) : undefined
      if ((choice || failed) && !started) {
        started = true
        out.push({ type: 'start', id: text(id), model: text(model), dialect: 'openai-chat' })
      }
      if (choice) {
        readDelta(object(choice['delta']))
        const raw = text(choice['finish_reason'])
        if (raw && !finished) {
          finished = true
          const finishReason = readFinishReason(raw, calls.length > 0)
          closeCalls()
          out.push({ type: 'finish', finishReason, rawFinishReason: raw })
        }
      }
      if (usage) out.push({ type: 'usage', usage: readUsage(object(usage)) })
      if (failed) {
        const { message, code: providerCode } = failed
        out.push({
          type: 'error',
          error: new StreamError('provider', message, { providerCode, cause: record }),
        })
      }
      return out
    },
    end() {
      out = []
      closeCalls()
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
