import { describe, expect, it } from 'vitest'
import type { Part } from '../types.ts'
import { toAnthropicMessagesRequest } from './anthropic-messages.ts'
import type { RequestMessage } from './types.ts'

const ask: RequestMessage = { role: 'user', content: 'Well?' }
const messagesOf = (parts: Part[]): unknown =>
  (toAnthropicMessagesRequest([ask, { role: 'assistant', parts }])['messages'] as unknown[]).slice(1)
const contentOf = (parts: Part[]): unknown => (messagesOf(parts) as { content: unknown }[])[0]?.content

const call = (changes: object = {}): Part => ({
  type: 'tool',
  toolCallId: 'toolu_1',
  toolName: 'weather',
  state: 'output-available',
  inputText: '{}',
  input: {},
  output: 'sun',
  ...changes,
})
const use = (id: string, input = {}): object => ({ type: 'tool_use', id, name: 'weather', input })
const thinking: Part = {
  type: 'reasoning',
  text: 'Hm.',
  providerMetadata: { anthropic: { signature: 'sig' } },
}

describe('toAnthropicMessagesRequest', () => {
  it('builds a request with a limit of tokens, which the API wants', () => {
    const body = toAnthropicMessagesRequest(
      [{ role: 'system', content: 'In English.' }, ask, { role: 'system', content: 'Now in Latin.' }],
      { model: 'claude-sonnet-4-5', system: 'Be brief.', temperature: 0, stop: ['END'] },
    )
    expect(body).toStrictEqual({
      model: 'claude-sonnet-4-5',
      system: 'Be brief.\n\nIn English.\n\nNow in Latin.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Well?' }] }],
      stream: true,
      max_tokens: 8192,
      temperature: 0,
      stop_sequences: ['END'],
    })
    expect(toAnthropicMessagesRequest([], { maxTokens: 10 })['max_tokens']).toBe(10)
  })

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ name: 'weather' }, { type: 'tool', name: 'weather' }],
  ] as const)('says the tool choice %j in its own words', (toolChoice, choice) => {
    const tools = [{ name: 'weather', parameters: { type: 'object' } }]
    const body = toAnthropicMessagesRequest([], { tools, toolChoice })
    expect(body['tools']).toEqual([{ name: 'weather', input_schema: { type: 'object' } }])
    expect(body['tool_choice']).toEqual(choice)
  })

  it('sends images and PDFs, by URL and as data, and refuses the rest', () => {
    const { messages } = toAnthropicMessagesRequest([
      {
        role: 'user',
        parts: [
          { type: 'file', url: 'https://example.com/a.png', mediaType: 'image/png' },
          { type: 'file', url: 'data:image/png;base64,aaaa', mediaType: 'image/png' },
          {
            type: 'file',
            url: 'data:application/pdf;base64,bbbb',
            mediaType: 'application/pdf',
            filename: 'a.pdf',
          },
        ],
      },
    ])
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aaaa' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'bbbb' },
            title: 'a.pdf',
          },
        ],
      },
    ])
    const parts: Part[] = [{ type: 'file', url: 'data:audio/wav;base64,aaaa', mediaType: 'audio/wav' }]
    expect(() => toAnthropicMessagesRequest([{ role: 'user', parts }])).toThrow(
      /images and PDFs, not audio\/wav/,
    )
  })

  it('puts results first into the message of the user that follows', () => {
    const answer: RequestMessage = {
      role: 'assistant',
      parts: [
        { type: 'text', text: 'I look.' },
        call(),
        call({ toolCallId: 'toolu_2', state: 'output-error', output: 'no network' }),
      ],
    }
    expect(
      toAnthropicMessagesRequest([ask, answer, { role: 'user', content: 'Go on.' }])['messages'],
    ).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Well?' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, use('toolu_1'), use('toolu_2')] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun' },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: 'no network', is_error: true },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ])
  })

  it('splits the steps of one message', () => {
    expect(messagesOf([thinking, call(), thinking, { type: 'text', text: 'Sun.' }])).toMatchObject([
      { role: 'assistant', content: [{ type: 'thinking' }, { type: 'tool_use' }] },
      { role: 'user', content: [{ type: 'tool_result' }] },
      { role: 'assistant', content: [{ type: 'thinking' }, { type: 'text' }] },
    ])
  })

  it('gives thinking back with its signature, also what is redacted or not shown', () => {
    const hidden: Part = {
      type: 'reasoning',
      text: '',
      providerMetadata: { anthropic: { signature: 'sig2' } },
    }
    const redacted: Part = {
      type: 'reasoning',
      text: '',
      providerMetadata: { anthropic: { redactedData: 'xyz' } },
    }
    expect(contentOf([thinking, hidden, redacted, { type: 'text', text: 'A' }])).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'thinking', thinking: '', signature: 'sig2' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'A' },
    ])
  })

  it('leaves thinking out that is not signed, or that nothing came of', () => {
    expect(contentOf([{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'A' }, thinking])).toEqual([
      { type: 'text', text: 'A' },
    ])
    expect(messagesOf([thinking])).toEqual([])
  })

  it('gives back what the provider ran, with its result untouched', () => {
    const output = [{ type: 'web_search_result', url: 'https://example.com', encrypted_content: 'x' }]
    const search = call({
      toolCallId: 'srvtoolu_1',
      toolName: 'web_search',
      providerExecuted: true,
      input: { query: 'q' },
      output,
      providerMetadata: { anthropic: { type: 'server_tool_use', resultType: 'web_search_tool_result' } },
    })
    const mcp = call({
      toolCallId: 'mcptoolu_1',
      toolName: 'echo',
      providerExecuted: true,
      output: [{ type: 'text', text: 'hi' }],
      providerMetadata: {
        anthropic: { type: 'mcp_tool_use', resultType: 'mcp_tool_result', serverName: 's' },
      },
    })
    expect(contentOf([search, mcp, { type: 'text', text: 'A' }])).toEqual([
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: output },
      { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'echo', input: {}, server_name: 's' },
      {
        type: 'mcp_tool_result',
        tool_use_id: 'mcptoolu_1',
        content: [{ type: 'text', text: 'hi' }],
        is_error: false,
      },
      { type: 'text', text: 'A' },
    ])
  })

  it('leaves a call without a result to the provider only where it has paused', () => {
    const parts: Part[] = [
      { type: 'text', text: 'I look.' },
      call({
        toolCallId: 'srvtoolu_1',
        providerExecuted: true,
        state: 'input-available',
        output: undefined,
        providerMetadata: { anthropic: { type: 'server_tool_use' } },
      }),
    ]
    const answer = { id: 'm', role: 'assistant', parts, status: 'done' } as const
    const types = (messages: RequestMessage[]): unknown =>
      (toAnthropicMessagesRequest(messages)['messages'] as { content: { type: string }[] }[])[1]?.content.map(
        ({ type }) => type,
      )
    expect(types([ask, answer])).toEqual(['text'])
    expect(types([ask, { ...answer, rawFinishReason: 'pause_turn' }])).toEqual(['text', 'server_tool_use'])
    expect(types([ask, { ...answer, rawFinishReason: 'pause_turn' }, ask])).toEqual(['text'])
    const both = { ...answer, rawFinishReason: 'pause_turn', parts: [...parts, call()] }
    expect(types([ask, both])).toEqual(['text', 'tool_use'])
  })

  it('takes ids of other providers to pieces that the API takes, each once', () => {
    const ids = (id: string): unknown =>
      (messagesOf([call({ toolCallId: id }), call({ toolCallId: id })]) as { content: object[] }[]).map(
        (each) => each.content.map((block) => Object.values(block)[1]),
      )
    expect(ids('functions.weather:0')).toEqual([
      ['functions_weather_0', 'functions_weather_02'],
      ['functions_weather_0', 'functions_weather_02'],
    ])
    expect(ids('')).toEqual([
      ['call', 'call2'],
      ['call', 'call2'],
    ])
  })

  it('gives no id twice, also not one that it made up itself', () => {
    const parts = ['a', 'a', 'a2'].map((toolCallId) => call({ toolCallId }))
    expect(contentOf(parts)).toEqual([use('a'), use('a2'), use('a22')])
  })

  it('joins what one role says in a row, and lets the user begin', () => {
    const messages: RequestMessage[] = [
      { role: 'assistant', content: 'Welcome.' },
      { role: 'assistant', content: 'Ask me.' },
      { role: 'user', content: 'A' },
      { role: 'assistant', content: ' \n' },
      { role: 'user', content: 'B' },
    ]
    expect(toAnthropicMessagesRequest(messages)['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: '(Please begin.)' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Welcome.' },
          { type: 'text', text: 'Ask me.' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
    ])
  })

  it('ends an answer to go on with without white space', () => {
    expect(contentOf([{ type: 'text', text: 'The answer is \n' }])).toEqual([
      { type: 'text', text: 'The answer is' },
    ])
  })

  it('sends no empty result', () => {
    expect(messagesOf([call({ output: '' })])).toHaveProperty('1.content', [
      { type: 'tool_result', tool_use_id: 'toolu_1' },
    ])
  })
})
