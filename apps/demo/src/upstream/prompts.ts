import type { ChatCompletionRequest } from '@copilotkit/aimock'

/** A prompt as it is compared: case, spacing and closing punctuation do not count. */
export function normalizePrompt(prompt: string): string {
  return prompt
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\s.?!…]+$/u, '')
}

function textOf(content: ChatCompletionRequest['messages'][number]['content'] | undefined): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => part.text ?? '').join('')
}

/** The text of the last message a user wrote; empty when there is none. */
export function lastPrompt(request: ChatCompletionRequest): string {
  return textOf(request.messages.findLast((message) => message.role === 'user')?.content)
}

/** About how many tokens the request has, at four characters a token. */
export function countPromptTokens(request: ChatCompletionRequest): number {
  const characters = request.messages.reduce((sum, message) => sum + textOf(message.content).length, 0)
  return Math.max(1, Math.ceil(characters / 4))
}
