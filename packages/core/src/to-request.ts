import { toAnthropicMessagesRequest } from './requests/anthropic-messages.ts'
import { toGeminiRequest } from './requests/gemini.ts'
import { toOllamaRequest } from './requests/ollama.ts'
import { toOpenaiChatRequest } from './requests/openai-chat.ts'
import { toOpenaiResponsesRequest } from './requests/openai-responses.ts'
import type { BuildRequest, RequestMessage, RequestOptions } from './requests/types.ts'

export type { BuildRequest, RequestMessage, RequestOptions, RequestTool } from './requests/types.ts'

/** The protocols that {@link toRequest} writes. */
export type RequestDialect = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini' | 'ollama'

/** What {@link toRequest} takes besides the messages. */
export interface ToRequestOptions extends RequestOptions {
  /** Default `'openai-chat'`. */
  readonly dialect?: RequestDialect | undefined
}

const BUILDERS: Readonly<Record<RequestDialect, BuildRequest>> = {
  'openai-chat': toOpenaiChatRequest,
  'openai-responses': toOpenaiResponsesRequest,
  'anthropic-messages': toAnthropicMessagesRequest,
  gemini: toGeminiRequest,
  ollama: toOllamaRequest,
}

/**
 * Builds the body of a streamed request from a conversation, whoever gave its answers: a chat may go on with another
 * provider after any message.
 *
 * A message of several steps is split as the API wants, a call that nobody answered gets the result that it was not
 * run, and what only another provider can read (its signatures, its encrypted reasoning, the calls it ran itself) is
 * left out. Ids of calls are made to fit, and unique. The messages are not changed. What each API gets is in
 * `docs/requests.md`.
 *
 * All five dialects come with it. Whoever needs one may import its own function: `toOpenaiChatRequest(messages, options)`
 * is this with that dialect, and so on.
 *
 * @throws {TypeError} for a dialect or role that does not exist, a message of neither form, and a file or option that
 * the API has no place for.
 *
 * @example
 * ```ts
 * const messages: RequestMessage[] = [{ role: 'user', content: 'Hello' }]
 * const stream = streamMessage('/v1/messages', {
 *   body: toRequest(messages, { dialect: 'anthropic-messages', model: 'claude-sonnet-4-5' }),
 * })
 * ```
 */
export function toRequest(
  messages: readonly RequestMessage[],
  options: ToRequestOptions = {},
): Record<string, unknown> {
  const { dialect = 'openai-chat' } = options
  if (!Object.hasOwn(BUILDERS, dialect)) {
    throw new TypeError(
      `There is no dialect ${JSON.stringify(dialect)}: it must be one of ${Object.keys(BUILDERS).join(', ')}.`,
    )
  }
  if (!Array.isArray(messages)) {
    throw new TypeError("Messages are a list: toRequest([{ role: 'user', content: 'Hello' }]).")
  }
  return BUILDERS[dialect](messages, options)
}
