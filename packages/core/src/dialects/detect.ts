import { StreamError } from '../errors.ts'
import type { Dialect, ServerSentEvent } from '../types.ts'
import { openaiChat } from './openai-chat.ts'

/** Imported when their records are recognised. */
const DIALECTS: Readonly<Record<string, () => Promise<Dialect>>> = {
  'ag-ui': () => import('./ag-ui.ts').then(({ agUi }) => agUi),
  'ai-sdk-ui': () => import('./ai-sdk-ui.ts').then(({ aiSdkUi }) => aiSdkUi),
  'anthropic-messages': () => import('./anthropic-messages.ts').then((module) => module.anthropicMessages),
  'cohere-v2': () => import('./cohere-v2.ts').then(({ cohereV2 }) => cohereV2),
  gemini: () => import('./gemini.ts').then(({ gemini }) => gemini),
  'gemini-interactions': () => import('./gemini-interactions.ts').then((module) => module.geminiInteractions),
  langgraph: () => import('./langgraph.ts').then(({ langgraph }) => langgraph),
  langserve: () => import('./langserve.ts').then(({ langserve }) => langserve),
  ollama: () => import('./ollama.ts').then(({ ollama }) => ollama),
  'openai-completions': () => import('./openai-completions.ts').then((module) => module.openaiCompletions),
  'openai-responses': () => import('./openai-responses.ts').then((module) => module.openaiResponses),
  'plain-text': () => import('./plain-text.ts').then(({ plainText }) => plainText),
}

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
  if (typeof value === 'string' || value === undefined) return name === 'data' ? 'langserve' : 'plain-text'
  if (typeof value !== 'object' || !value) return
  const record = value as Record<string, any>
  const { type, object, choices } = record
  if (record['jsonrpc']) return 'mcp'
  if (Array.isArray(choices)) {
    // Azure's first record has no choices yet, and no name.
    if (choices.length === 0 && !/chat/.test(object)) return
    const { text, delta, message } = choices[0] ?? {}
    return text !== undefined && !delta && !message ? 'openai-completions' : 'openai-chat'
  }
  if (typeof type === 'string') {
    for (const [dialect, words] of TYPES) if (words.test(type)) return dialect
  }
  if (object === 'response') return 'openai-responses'
  if (type === 'message' && Array.isArray(record['content'])) return 'anthropic-messages'
  if (record['candidates'] || record['promptFeedback'] || record['usageMetadata']) return 'gemini'
  if (/^(interaction|step|content)\./.test(record['event_type'])) return 'gemini-interactions'
  if (typeof record['done'] === 'boolean' && ('message' in record || 'response' in record)) return 'ollama'
  if (record['message']?.content && record['finish_reason']) return 'cohere-v2'
  if (/^(messages|values|updates|events|custom|debug|tasks|checkpoints)([/|]|$)/.test(name))
    return 'langgraph'
  if (name === 'data') return 'langserve'
  // Errors have the same few shapes everywhere, and what is built in reads them all.
  if (record['error'] || record['errorText'] || record['detail'] || [type, object, name].includes('error')) {
    return 'openai-chat'
  }
  return
}

/**
 * The dialect of a record: one of those given, or the one that is built in, or imported.
 *
 * @throws {StreamError} `protocol` for what is no answer of a model, or can't be imported here.
 */
export async function findDialect(
  value: unknown,
  event: ServerSentEvent,
  given: readonly Dialect[],
): Promise<Dialect | undefined> {
  const name = detectDialect(value, event)
  if (name === 'mcp') {
    throw new StreamError('protocol', 'This is an MCP server (JSON-RPC), not the answer of a model.')
  }
  if (!name) return
  const found = given.find((dialect) => dialect.name === name)
  if (found || name === 'openai-chat') return found ?? openaiChat
  try {
    return await DIALECTS[name]?.()
  } catch (cause) {
    // Service workers import nothing at run time, and a page may lack the file.
    throw new StreamError('protocol', `To read ${name} here, pass its dialect in \`dialects\`.`, { cause })
  }
}
