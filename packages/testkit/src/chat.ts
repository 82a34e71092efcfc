/** One event of OpenAI's Chat Completions stream, as text. */
export function chatEvent(record: unknown): string {
  return `data: ${JSON.stringify(record)}\n\n`
}

/** A chunk object of the Chat Completions stream with this delta, and a finish reason if one is given. */
export function chatChunk(delta: object, finishReason: string | null = null): Record<string, unknown> {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1700000000,
    model: 'test-model',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  }
}

/** The events of a good answer that says these pieces. */
export function chatEvents(...pieces: readonly string[]): string[] {
  return [
    chatEvent(chatChunk({ role: 'assistant', content: '' })),
    ...pieces.map((content) => chatEvent(chatChunk({ content }))),
    chatEvent(chatChunk({}, 'stop')),
    'data: [DONE]\n\n',
  ]
}
