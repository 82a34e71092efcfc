import { describe, expect, it } from 'vitest'
import type { Part } from '../types.ts'
import { toOpenaiChatRequest } from './openai-chat.ts'
import type { RequestMessage } from './types.ts'

const PNG = 'data:image/png;base64,iVBORw0KGgo='
const messagesOf = (parts: Part[], model?: string): unknown =>
  toOpenaiChatRequest([{ role: 'assistant', parts }], { model })['messages']

const call = (changes: object = {}): Part => ({
  type: 'tool',
  toolCallId: 'call_1',
  toolName: 'weather',
  state: 'output-available',
  inputText: '{"city":"Rome"}',
  input: { city: 'Rome' },
  output: { celsius: 21 },
  ...changes,
})

describe('toOpenaiChatRequest', () => {
  it('builds a streamed request that asks for the usage', () => {
    const body = toOpenaiChatRequest(
      [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'And?' },
      ],
      { model: 'gpt-4.1', system: 'Be brief.', temperature: 0, topP: 1, stop: ['END'] },
    )
    expect(body).toStrictEqual({
      model: 'gpt-4.1',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
        { role: 'user', content: 'And?' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      top_p: 1,
      stop: ['END'],
    })
  })

  it('asks for no usage when it does not stream', () => {
    const body = toOpenaiChatRequest([], { stream: false })
    expect(body).toStrictEqual({ messages: [], stream: false })
  })

  it.each([
    [undefined, 'max_completion_tokens'],
    ['gpt-5-mini', 'max_completion_tokens'],
    ['o4-mini', 'max_completion_tokens'],
    ['gpt-oss:20b', 'max_tokens'],
    ['openai/gpt-5', 'max_tokens'],
    ['mistral-large-latest', 'max_tokens'],
    ['deepseek-chat', 'max_tokens'],
    ['qwen3', 'max_tokens'],
  ])('limits the tokens of %s by %s', (model, name) => {
    const body = toOpenaiChatRequest([], { model, maxTokens: 7 })
    expect(body[name]).toBe(7)
    expect(Object.keys(body).filter((key) => key.startsWith('max'))).toHaveLength(1)
  })

  it('declares tools and the choice among them', () => {
    const tools = [{ name: 'weather', description: 'Says it.', parameters: { type: 'object' } }]
    const choose = (toolChoice: 'required' | { name: string }): unknown =>
      toOpenaiChatRequest([], { tools, toolChoice })['tool_choice']
    expect(toOpenaiChatRequest([], { tools })['tools']).toEqual([
      {
        type: 'function',
        function: { name: 'weather', description: 'Says it.', parameters: { type: 'object' } },
      },
    ])
    expect(choose('required')).toBe('required')
    expect(choose({ name: 'weather' })).toEqual({ type: 'function', function: { name: 'weather' } })
  })

  it('sends images by URL and as data, other files and sounds as data', () => {
    const wav = { type: 'file', url: 'data:audio/x-wav;base64,UklGRg==', mediaType: 'audio/x-wav' } as const
    const pdf = {
      type: 'file',
      url: 'data:application/pdf;base64,JVBERg==',
      mediaType: 'application/pdf',
    } as const
    const { messages } = toOpenaiChatRequest([
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'Look:' },
          { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
          { type: 'file', url: PNG, mediaType: 'image/png' },
          wav,
          { ...wav, url: 'data:audio/mpeg;base64,SUQz', mediaType: 'audio/mpeg' },
          { ...pdf, filename: 'a.pdf' },
          pdf,
        ],
      },
    ])
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look:' },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          { type: 'image_url', image_url: { url: PNG } },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          { type: 'input_audio', input_audio: { data: 'SUQz', format: 'mp3' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: pdf.url } },
          { type: 'file', file: { filename: 'file.pdf', file_data: pdf.url } },
        ],
      },
    ])
  })

  it('refuses a document at a URL, and says what it takes', () => {
    const parts: Part[] = [{ type: 'file', url: 'https://example.com/a.pdf', mediaType: 'application/pdf' }]
    expect(() => toOpenaiChatRequest([{ role: 'user', parts }])).toThrow(
      /openai-chat takes only images by URL.*not application\/pdf at a URL/,
    )
  })

  it('splits the steps of one message, each call with its result right after', () => {
    const messages = messagesOf([
      { type: 'text', text: 'I look. ' },
      call(),
      call({ toolCallId: 'call_2', output: 'rain' }),
      { type: 'text', text: 'And again.' },
      call({ toolCallId: 'call_3', state: 'output-error', output: 'no network' }),
      { type: 'text', text: 'Sorry.' },
    ])
    const toolCall = (id: string): object => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: '{"city":"Rome"}' },
    })
    expect(messages).toEqual([
      { role: 'assistant', content: 'I look. ', tool_calls: [toolCall('call_1'), toolCall('call_2')] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"celsius":21}' },
      { role: 'tool', tool_call_id: 'call_2', content: 'rain' },
      { role: 'assistant', content: 'And again.', tool_calls: [toolCall('call_3')] },
      { role: 'tool', tool_call_id: 'call_3', content: '{"error":"no network"}' },
      { role: 'assistant', content: 'Sorry.' },
    ])
  })

  it('keeps reasoning to itself, except for models that want it back with their calls', () => {
    const parts: Part[] = [{ type: 'reasoning', text: 'Hm.' }, call()]
    const first = (model: string, said = parts): unknown => (messagesOf(said, model) as unknown[])[0]
    expect(first('gpt-5')).not.toHaveProperty('reasoning_content')
    expect(first('kimi-k2-instruct')).not.toHaveProperty('reasoning_content')
    expect(first('deepseek-reasoner')).toHaveProperty('reasoning_content', 'Hm.')
    expect(first('kimi-k2-thinking', [call()])).toHaveProperty(
      'reasoning_content',
      'The reasoning is not known.',
    )
    expect(
      first('deepseek-reasoner', [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'A' },
      ]),
    ).toEqual({
      role: 'assistant',
      content: 'A',
    })
  })

  it("gives OpenRouter's reasoning details back to OpenRouter alone", () => {
    const details = [{ type: 'reasoning.encrypted', data: 'x' }]
    const parts: Part[] = [
      { type: 'reasoning', text: '', providerMetadata: { openrouter: { reasoning_details: details } } },
      { type: 'text', text: 'A' },
      call({
        providerMetadata: { openrouter: { reasoning_details: [{ type: 'reasoning.text', text: 'y' }] } },
      }),
    ]
    const first = (model: string): unknown => (messagesOf(parts, model) as unknown[])[0]
    expect(first('anthropic/claude-sonnet-4.5')).toHaveProperty('reasoning_details', [
      ...details,
      { type: 'reasoning.text', text: 'y' },
    ])
    expect(first('gpt-5')).not.toHaveProperty('reasoning_details')
  })

  it('makes ids fit: 40 characters, and for Mistral nine letters and digits', () => {
    const ids = (model: string): unknown[] =>
      (
        messagesOf(
          [call({ toolCallId: 'a'.repeat(99) }), call({ toolCallId: 'a'.repeat(98) })],
          model,
        ) as object[]
      )
        .slice(1)
        .map((message) => (message as { tool_call_id: string }).tool_call_id)
    expect(ids('gpt-5')).toEqual(['a'.repeat(40), `${'a'.repeat(39)}2`])
    expect(ids('devstral-medium')).toEqual(['aaaaaaaaa', 'aaaaaaaa2'])
    expect(messagesOf([call()], 'mistral-small')).toHaveProperty('1.tool_call_id', 'call10000')
  })

  it('lets no user speak right after a tool where the model is of Mistral', () => {
    const roles = (model: string): unknown[] => {
      const conversation: RequestMessage[] = [
        { role: 'user', content: 'a' },
        { role: 'assistant', parts: [call()] },
        { role: 'user', content: 'b' },
      ]
      const { messages } = toOpenaiChatRequest(conversation, { model }) as { messages: { role: string }[] }
      return messages.map(({ role }) => role)
    }
    expect(roles('gpt-5')).toEqual(['user', 'assistant', 'tool', 'user'])
    expect(roles('mistral-small')).toEqual(['user', 'assistant', 'tool', 'assistant', 'user'])
  })
})
