import { readErrorRecord } from '../error-record.ts'
import { StreamError } from '../errors.ts'
import type { Dialect, DialectReader, FinishReason, MessageDelta, Usage } from '../types.ts'

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  error: 'error',
}

/** Text and reasoning of a delta. Mistral's `content` may be a list of typed parts. */
function* contents(delta: Json): Generator<['reasoning-delta' | 'text-delta' | 'refusal-delta', string]> {
  const reasoning = text(delta['reasoning_content']) || text(delta['reasoning'])
  if (reasoning) yield ['reasoning-delta', reasoning]
  else
    for (const detail of objects(delta['reasoning_details'])) yield ['reasoning-delta', text(detail['text'])]
  const content = delta['content']
  yield ['text-delta', text(content)]
  for (const part of objects(content)) {
    if (part['type'] === 'thinking') {
      for (const thought of objects(part['thinking'])) yield ['reasoning-delta', text(thought['text'])]
    } else {
      yield ['text-delta', text(part['text'])]
    }
  }
  yield ['refusal-delta', text(delta['refusal'])]
}

function readUsage(raw: Json): Usage {
  const details = isObject(raw['completion_tokens_details']) ? raw['completion_tokens_details'] : {}
  const promptDetails = isObject(raw['prompt_tokens_details']) ? raw['prompt_tokens_details'] : {}
  const input = number(raw['prompt_tokens'])
  const total = number(raw['total_tokens'])
  const reasoning = number(details['reasoning_tokens'])
  let output = number(raw['completion_tokens'])
  // xAI counts reasoning beside the completion (12 + 1 + 290 = 303); everyone else within it.
  if (reasoning && input !== undefined && output !== undefined && total === input + output + reasoning) {
    output += reasoning
  }
  const known: [keyof Usage, number | undefined][] = [
    ['inputTokens', input],
    ['outputTokens', output],
    ['totalTokens', total],
    ['cachedInputTokens', number(promptDetails['cached_tokens']) ?? number(raw['prompt_cache_hit_tokens'])],
    ['reasoningTokens', reasoning],
    ['cost', number(raw['cost'])],
  ]
  return { ...Object.fromEntries(known.filter(([, value]) => value !== undefined)), raw }
}

interface ToolCall {
  readonly part: number
  readonly index: unknown
  readonly id: string
  arguments: string
  closed: boolean
}

function openReader(): DialectReader {
  const calls: ToolCall[] = []
  let out: MessageDelta[] = []
  let started = false
  let finished = false
  /** The number of parts so far, and what the last one is: a delta of another kind begins a new part. */
  let parts = 0
  let open = ''

  function start(record: Json): void {
    if (started) return
    started = true
    const id = text(record['id'])
    const model = text(record['model'])
    out.push({ type: 'start', dialect: 'openai-chat', ...(id && { id }), ...(model && { model }) })
  }

  function grow(type: 'reasoning-delta' | 'text-delta' | 'refusal-delta', delta: string): void {
    if (delta === '') return
    if (open !== type) parts++
    open = type
    out.push({ type, part: parts - 1, delta })
  }

  /**
   * The call a fragment belongs to. Index and id together are the key: providers send two calls under one index
   * (Cerebras), no index at all (Gemini), or the id with the first fragment only (OpenAI).
   */
  function callOf(fragment: Json): ToolCall | undefined {
    const id = text(fragment['id'])
    const index = fragment['index'] ?? undefined
    if (index === undefined) return id ? calls.find((call) => call.id === id) : calls.at(-1)
    return calls.findLast((call) => call.index === index && (id === '' || call.id === id))
  }

  function readToolCall(fragment: Json): void {
    const call = isObject(fragment['function']) ? fragment['function'] : {}
    const input = text(call['arguments'])
    let target = callOf(fragment)
    if (!target) {
      const part = parts++
      open = 'tool'
      const id = text(fragment['id']) || `call_${part}`
      target = { part, index: fragment['index'] ?? undefined, id, arguments: '', closed: false }
      calls.push(target)
      out.push({ type: 'tool-input-start', part, toolCallId: id, toolName: text(call['name']) })
    }
    if (input === '' || target.closed) return
    target.arguments += input
    out.push({ type: 'tool-input-delta', part: target.part, delta: input })
  }

  function closeCalls(): void {
    for (const call of calls) {
      if (call.closed) continue
      call.closed = true
      const { part } = call
      try {
        out.push({ type: 'tool-input-available', part, input: JSON.parse(call.arguments || '{}') })
      } catch {
        out.push({ type: 'tool-input-available', part, input: call.arguments, invalid: true })
      }
    }
  }

  function finish(raw: string): void {
    if (raw === '' || finished) return
    finished = true
    closeCalls()
    const reason = FINISH[raw] ?? 'other'
    // Gemini's compatible endpoint says "stop" for tool calls.
    const finishReason = reason === 'stop' && calls.length > 0 ? 'tool-calls' : reason
    out.push({ type: 'finish', finishReason, rawFinishReason: raw })
  }

  function readError(record: Json): void {
    if (!record['error'] && record['object'] !== 'error') return
    const { message, code } = readErrorRecord(record) ?? { message: 'The provider reported an error.' }
    start(record)
    out.push({
      type: 'error',
      error: new StreamError('provider', message, { providerCode: code, cause: record }),
    })
  }

  return {
    read(record) {
      out = []
      // Of several choices the first is the message; they come interleaved.
      const choice = objects(record['choices']).find((each) => (each['index'] ?? 0) === 0)
      if (choice) {
        start(record)
        const delta = isObject(choice['delta']) ? choice['delta'] : {}
        for (const [type, piece] of contents(delta)) grow(type, piece)
        for (const fragment of objects(delta['tool_calls'])) readToolCall(fragment)
        finish(text(choice['finish_reason']))
      }
      if (isObject(record['usage'])) out.push({ type: 'usage', usage: readUsage(record['usage']) })
      readError(record)
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
export const openaiChat: Dialect = { name: 'openai-chat', open: openReader }
