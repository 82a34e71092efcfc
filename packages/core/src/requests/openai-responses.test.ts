import { describe, expect, it } from 'vitest'
import type { Part } from '../types.ts'
import { toOpenaiResponsesRequest } from './openai-responses.ts'

const inputOf = (parts: Part[], model?: string): unknown =>
  toOpenaiResponsesRequest([{ role: 'assistant', parts }], { model })['input']

const call = (changes: object = {}): Part => ({
  type: 'tool',
  toolCallId: 'call_1',
  toolName: 'weather',
  state: 'output-available',
  inputText: '{}',
  input: {},
  output: 'sun',
  ...changes,
})

const thought = (id: string, text = ''): Part => ({
  type: 'reasoning',
  text,
  providerMetadata: { openai: { itemId: id, encryptedContent: `${id}-secret` } },
})
const thoughtItem = (id: string, summary: object[] = []): object => ({
  type: 'reasoning',
  id,
  summary,
  encrypted_content: `${id}-secret`,
})

describe('toOpenaiResponsesRequest', () => {
  it('builds a request that needs nothing stored', () => {
    const body = toOpenaiResponsesRequest(
      [
        { role: 'system', content: 'In English.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
        { role: 'system', content: 'Now in Latin.' },
        { role: 'user', content: 'And?' },
      ],
      { model: 'gpt-5', system: 'Be brief.', maxTokens: 100, temperature: 1, topP: 0.5 },
    )
    expect(body).toStrictEqual({
      model: 'gpt-5',
      instructions: 'Be brief.\n\nIn English.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
        { role: 'assistant', content: 'Hi', phase: undefined },
        { role: 'system', content: 'Now in Latin.' },
        { role: 'user', content: [{ type: 'input_text', text: 'And?' }] },
      ],
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 100,
      temperature: 1,
      top_p: 0.5,
    })
  })

  it('neither asks models that do not reason for reasoning nor sends them any', () => {
    const body = toOpenaiResponsesRequest(
      [{ role: 'assistant', parts: [thought('rs_1'), { type: 'text', text: 'A' }] }],
      { model: 'gpt-4.1' },
    )
    expect(body).not.toHaveProperty('include')
    expect(body['input']).toEqual([{ role: 'assistant', content: 'A' }])
  })

  it('declares tools that are not strict, and the choice among them', () => {
    const tools = [{ name: 'weather', parameters: { type: 'object' } }]
    const body = toOpenaiResponsesRequest([], { tools, toolChoice: { name: 'weather' } })
    expect(body['tools']).toEqual([
      { type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false },
    ])
    expect(body['tool_choice']).toEqual({ type: 'function', name: 'weather' })
  })

  it('sends images and documents, by URL and as data', () => {
    const { input } = toOpenaiResponsesRequest([
      {
        role: 'user',
        parts: [
          { type: 'file', url: 'data:image/png;base64,aaaa', mediaType: 'image/png' },
          { type: 'file', url: 'https://example.com/a.pdf', mediaType: 'application/pdf' },
          { type: 'file', url: 'data:application/pdf;base64,aaaa', mediaType: '', filename: 'a.pdf' },
        ],
      },
    ])
    expect(input).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'data:image/png;base64,aaaa', detail: 'auto' },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,aaaa' },
        ],
      },
    ])
  })

  it('refuses sounds and stop sequences', () => {
    const parts: Part[] = [{ type: 'file', url: 'data:audio/wav;base64,aaaa', mediaType: 'audio/wav' }]
    expect(() => toOpenaiResponsesRequest([{ role: 'user', parts }])).toThrow(
      /images and documents, not audio/,
    )
    expect(() => toOpenaiResponsesRequest([], { stop: ['x'] })).toThrow(/no stop sequences/)
  })

  it('sends calls and their results as items, step by step', () => {
    expect(
      inputOf([
        { type: 'text', text: 'I look.' },
        call(),
        call({ toolCallId: 'call_2', output: [1] }),
        { type: 'text', text: 'Sun.' },
      ]),
    ).toEqual([
      { role: 'assistant', content: 'I look.' },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
      { type: 'function_call', call_id: 'call_2', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'sun' },
      { type: 'function_call_output', call_id: 'call_2', output: '[1]' },
      { role: 'assistant', content: 'Sun.' },
    ])
  })

  it('gives encrypted reasoning back before what came of it', () => {
    expect(inputOf([thought('rs_1', 'Hm.'), call(), thought('rs_2'), { type: 'text', text: 'A' }])).toEqual([
      thoughtItem('rs_1', [{ type: 'summary_text', text: 'Hm.' }]),
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'sun' },
      thoughtItem('rs_2'),
      { role: 'assistant', content: 'A' },
    ])
  })

  it.each<[string, Part[]]>([
    [
      'that is not encrypted',
      [{ type: 'reasoning', text: 'Hm.', providerMetadata: { openai: { itemId: 'rs' } } }],
    ],
    [
      'of another provider',
      [{ type: 'reasoning', text: 'Hm.', providerMetadata: { anthropic: { signature: 's' } } }],
    ],
    [
      'before a call that is left out',
      [thought('rs_1'), call({ providerExecuted: true, toolName: 'web_search' })],
    ],
  ])('leaves reasoning out %s', (_, parts) => {
    expect(inputOf([...parts, { type: 'text', text: 'A' }])).toEqual([{ role: 'assistant', content: 'A' }])
  })

  it('leaves reasoning out that nothing came of', () => {
    expect(inputOf([{ type: 'text', text: 'A' }, thought('rs_1')])).toEqual([
      { role: 'assistant', content: 'A' },
    ])
  })

  it('gives the phase of a message back', () => {
    const said: Part = {
      type: 'text',
      text: 'I look.',
      providerMetadata: { openai: { phase: 'commentary' } },
    }
    expect(inputOf([said])).toEqual([{ role: 'assistant', content: 'I look.', phase: 'commentary' }])
  })

  it('sends the input of a custom tool as the text it is', () => {
    const custom = call({ input: 'ls -l', providerMetadata: { openai: { type: 'custom_tool_call' } } })
    expect(inputOf([custom])).toEqual([
      { type: 'custom_tool_call', call_id: 'call_1', name: 'weather', input: 'ls -l' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: 'sun' },
    ])
  })

  it('cuts ids at 64 characters', () => {
    expect(inputOf([call({ toolCallId: 'a'.repeat(80) })])).toMatchObject([
      { call_id: 'a'.repeat(64) },
      { call_id: 'a'.repeat(64) },
    ])
  })
})
