import { StreamError } from '../errors.ts'
import type { Dialect, ServerSentEvent } from '../types.ts'
import { detectDialect } from './detect.ts'

/** Imported when their records are recognised; but for OpenAI Chat, which is built in. */
const DIALECTS: Readonly<Record<string, () => Promise<Dialect>>> = {
  'ag-ui': () => import('./ag-ui.ts').then(({ agUi }) => agUi),
  'ai-sdk-ui': () => import('./ai-sdk-ui.ts').then(({ aiSdkUi }) => aiSdkUi),
  'anthropic-messages': () => import('./anthropic-messages.ts').then((module) => module.anthropicMessages),
  'cohere-v1': () => import('./cohere-v1.ts').then(({ cohereV1 }) => cohereV1),
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

/**
 * The dialect of a record, by its shape; `undefined` while nothing tells it.
 *
 * @param value Parsed JSON; `undefined` for an event that is text.
 * @param builtIn What is not imported.
 * @throws {StreamError} `protocol` for what is no answer of a model, or can't be imported here.
 */
export async function findDialect(
  value: unknown,
  event: ServerSentEvent,
  builtIn: Dialect,
): Promise<Dialect | undefined> {
  const name = detectDialect(value, event)
  if (name === 'mcp') {
    throw new StreamError(
      'protocol',
      'This is an MCP server (JSON-RPC), not the answer of a model. Call its tools from your own server, or with an MCP client.',
    )
  }
  if (!name) return
  if (name === builtIn.name) return builtIn
  try {
    return await DIALECTS[name]?.()
  } catch (cause) {
    // Service workers import nothing at run time, and a page may lack the file.
    throw new StreamError('protocol', `To read ${name} here, pass its dialect in \`dialects\`.`, { cause })
  }
}
