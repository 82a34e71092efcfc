import { describe, expect, it } from 'vitest'
import type { Part } from '../types.ts'
import { toOllamaRequest } from './ollama.ts'

const call = (changes: object = {}): Part => ({
  type: 'tool',
  toolCallId: 'call_1',
  toolName: 'weather',
  state: 'output-available',
  inputText: '{}',
  input: { city: 'Rome' },
  output: { celsius: 21 },
  ...changes,
})

describe('toOllamaRequest', () => {
  it('builds a request with the options in a place of their own', () => {
    const body = toOllamaRequest([{ role: 'user', content: 'Hello' }], {
      model: 'qwen3',
      system: 'Be brief.',
      maxTokens: 100,
      temperature: 0,
      topP: 1,
      stop: ['END'],
    })
    expect(body).toStrictEqual({
      model: 'qwen3',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      stream: true,
      options: { num_predict: 100, temperature: 0, top_p: 1, stop: ['END'] },
    })
  })

  it('sends images as base64 alone', () => {
    const parts: Part[] = [
      { type: 'text', text: 'Look' },
      { type: 'file', url: 'data:image/png;base64,aaaa', mediaType: 'image/png' },
    ]
    expect(toOllamaRequest([{ role: 'user', parts }])['messages']).toEqual([
      { role: 'user', content: 'Look', images: ['aaaa'] },
    ])
  })

  it.each([
    ['https://example.com/a.png', 'image/png'],
    ['data:audio/wav;base64,aaaa', 'audio/wav'],
  ])('refuses %s', (url, mediaType) => {
    const parts: Part[] = [{ type: 'file', url, mediaType }]
    expect(() => toOllamaRequest([{ role: 'user', parts }])).toThrow(
      /ollama takes images, as data: URLs, not/,
    )
  })

  it('sends thoughts, calls with their arguments as an object, and results by the name of the tool', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'I look.' },
      call(),
      call({ output: 'no network', isError: true }),
      { type: 'text', text: 'Sorry.' },
    ]
    const toolCall = { function: { name: 'weather', arguments: { city: 'Rome' } } }
    expect(toOllamaRequest([{ role: 'assistant', parts }])['messages']).toEqual([
      { role: 'assistant', content: 'I look.', thinking: 'Hm.', tool_calls: [toolCall, toolCall] },
      { role: 'tool', tool_name: 'weather', content: '{"celsius":21}' },
      { role: 'tool', tool_name: 'weather', content: '{"error":"no network"}' },
      { role: 'assistant', content: 'Sorry.' },
    ])
  })

  it('declares tools, and none when none may be called', () => {
    const tools = [{ name: 'weather', parameters: { type: 'object' } }]
    expect(toOllamaRequest([], { tools })['tools']).toEqual([
      { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } },
    ])
    expect(toOllamaRequest([], { tools, toolChoice: 'none' })).not.toHaveProperty('tools')
    expect(() => toOllamaRequest([], { tools, toolChoice: 'required' })).toThrow(
      /cannot be made to call a tool/,
    )
  })
})
