import type { ServerSentEvent } from '../types.ts'
import { isOpenaiChat } from './is-openai-chat.ts'
import { asList, asObject, asText } from './json.ts'
import type { Json } from './json.ts'

/** By the record's `type`; each protocol has words of its own, and none that another has. */
const TYPES: readonly (readonly [string, RegExp])[] = [
  ['openai-responses', /^response\./],
  ['anthropic-messages', /^(message_(start|delta|stop)|content_block_\w+)$/],
  ['cohere-v2', /^(message-(start|end)|content-\w+|tool-(plan|call)-\w+|citation-\w+)$/],
  [
    'ai-sdk-ui',
    /^((text|reasoning)-(start|delta|end)|tool-(input|output|approval)-.+|source-(url|document)|(start|finish)(-step)?|data-.+|message-metadata|reset-step|file|custom|abort)$/,
  ],
  [
    'ag-ui',
    /^(RUN|STEP|TEXT_MESSAGE|TOOL_CALL|THINKING|REASONING|STATE|MESSAGES|ACTIVITY|RAW|CUSTOM)(_[A-Z_]+)?$/,
  ],
]

/**
 * The dialect of a record by its shape; `undefined` while nothing tells it. The URL and the content type are not
 * asked, since proxies change both.
 *
 * @param value Parsed JSON; `undefined` for an event that is text.
 */
export function detectDialect(value: unknown, event: ServerSentEvent): string | undefined {
  const { type: name } = event
  if (value === undefined) return name === 'data' ? 'langserve' : 'plain-text'
  if (typeof value !== 'object' || !value) return
  // Their events have names that nobody else's have.
  if (/^(messages|values|updates|events|custom|debug|tasks|checkpoints)([/|]|$)/.test(name)) {
    return 'langgraph'
  }
  if (Array.isArray(value)) {
    const [first] = asList(value)
    // A graph's own messages, as an application passes them on: each with what is known of it.
    const isMessage = first?.['lc'] || /^(ai|human|tool|system)/i.test(asText(first?.['type']))
    return isMessage ? 'langgraph' : first && detectDialect(first, event)
  }
  const record = value as Json
  const { type, choices, message, finish_reason: reason, event_type: step } = record
  const object = asText(record['object'])
  if (record['jsonrpc']) return 'mcp'
  if (isOpenaiChat(record, event)) return 'openai-chat'
  if (Array.isArray(choices) && choices.length > 0) {
    return asObject(choices[0])['text'] === undefined ? 'openai-chat' : 'openai-completions'
  }
  for (const [dialect, words] of TYPES) if (words.test(asText(type))) return dialect
  if (object === 'response') return 'openai-responses'
  if (object === 'interaction') return 'gemini-interactions'
  if (type === 'message' && Array.isArray(record['content'])) return 'anthropic-messages'
  if (record['candidates'] || record['promptFeedback'] || record['usageMetadata']) return 'gemini'
  if (/^(interaction|step|content)\./.test(asText(step))) return 'gemini-interactions'
  if (
    /^(stream-(start|end)|text-generation|search-\w+|citation-generation|tool-calls-\w+)$/.test(asText(step))
  ) {
    return 'cohere-v1'
  }
  if (typeof record['done'] === 'boolean' && ('message' in record || 'response' in record)) return 'ollama'
  if (typeof message === 'object' && message && reason) return 'cohere-v2'
  if (
    asObject(record['token'])['text'] !== undefined ||
    typeof record['generated_text'] === 'string' ||
    asList(record['results'])[0]?.['generated_text'] !== undefined ||
    (typeof record['content'] === 'string' && typeof record['stop'] === 'boolean')
  ) {
    return 'openai-completions'
  }
  if (name === 'data') return 'langserve'
  return
}

/** For a dialect's `detect`: whether a record is of this one. */
export const isOf =
  (dialect: string) =>
  (record: Record<string, unknown>, event: ServerSentEvent): boolean =>
    detectDialect(record, event) === dialect
