/** A message as OpenAI's Chat Completions takes it. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  readonly content: unknown
}

/** What is asked: a text, or a conversation that ends with it. */
export type Prompt = string | readonly ChatMessage[]

/**
 * The body of a streamed Chat Completions request.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export function chatRequest(prompt: Prompt, model?: string): Record<string, unknown> {
  const messages = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt
  return { ...(model && { model }), messages, stream: true }
}
