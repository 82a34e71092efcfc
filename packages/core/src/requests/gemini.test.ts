import { describe, expect, it } from 'vitest'
import type { Part } from '../types.ts'
import { toGeminiRequest } from './gemini.ts'
import type { RequestMessage } from './types.ts'

const ask: RequestMessage = { role: 'user', content: 'Well?' }
const contentsOf = (parts: Part[], model?: string): unknown =>
  (toGeminiRequest([ask, { role: 'assistant', parts }], { model })['contents'] as unknown[]).slice(1)

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
const signed = { providerMetadata: { google: { thoughtSignature: 'sig' } } }

describe('toGeminiRequest', () => {
  it('builds a request without the model, which the URL has', () => {
    const body = toGeminiRequest([ask, { role: 'assistant', content: 'Yes.' }, ask], {
      model: 'gemini-2.5-flash',
      system: 'Be brief.',
      maxTokens: 100,
      temperature: 0,
      topP: 1,
      stop: ['END'],
    })
    expect(body).toStrictEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Well?' }] },
        { role: 'model', parts: [{ text: 'Yes.' }] },
        { role: 'user', parts: [{ text: 'Well?' }] },
      ],
      generationConfig: { maxOutputTokens: 100, temperature: 0, topP: 1, stopSequences: ['END'] },
    })
  })

  it('declares tools by JSON Schema, and the choice among them', () => {
    const tools = [{ name: 'weather', parameters: { type: 'object', additionalProperties: false } }]
    const body = toGeminiRequest([], { tools, toolChoice: { name: 'weather' } })
    expect(body['tools']).toEqual([
      {
        functionDeclarations: [
          { name: 'weather', parametersJsonSchema: { type: 'object', additionalProperties: false } },
        ],
      },
    ])
    expect(body['toolConfig']).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] },
    })
    expect(toGeminiRequest([], { tools, toolChoice: 'none' })['toolConfig']).toEqual({
      functionCallingConfig: { mode: 'NONE' },
    })
  })

  it('sends files of any kind, by URL and as data', () => {
    const { contents } = toGeminiRequest([
      {
        role: 'user',
        parts: [
          { type: 'file', url: 'data:audio/wav;base64,aaaa', mediaType: 'audio/wav' },
          { type: 'file', url: 'gs://bucket/a.mp4', mediaType: 'video/mp4' },
        ],
      },
    ])
    expect(contents).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'audio/wav', data: 'aaaa' } },
          { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/a.mp4' } },
        ],
      },
    ])
  })

  it('gives the pictures that the model made back to it', () => {
    const picture: Part = { type: 'file', url: 'data:image/png;base64,aaaa', mediaType: 'image/png' }
    expect(
      contentsOf([
        { ...picture, ...signed },
        { ...picture, url: 'https://example.com/a.png' },
      ]),
    ).toEqual([
      {
        role: 'model',
        parts: [{ inlineData: { mimeType: 'image/png', data: 'aaaa' }, thoughtSignature: 'sig' }],
      },
    ])
  })

  it('sends results as objects, in the order of their calls', () => {
    const parts = [
      call(),
      call({ output: 'sun' }),
      call({ output: [1] }),
      call({ output: null }),
      call({ isError: true, output: 'no network' }),
      { type: 'text', text: 'So.' } as const,
    ]
    expect(contentsOf(parts, 'gemini-2.5-pro')).toEqual([
      {
        role: 'model',
        parts: Array.from({ length: 5 }, () => ({
          functionCall: { name: 'weather', args: { city: 'Rome' } },
        })),
      },
      {
        role: 'user',
        parts: [
          { celsius: 21 },
          { result: 'sun' },
          { result: [1] },
          { result: null },
          { error: 'no network' },
        ].map((response) => ({ functionResponse: { name: 'weather', response } })),
      },
      { role: 'model', parts: [{ text: 'So.' }] },
    ])
  })

  it('gives signatures back on the part they came with, also on an empty text', () => {
    expect(
      contentsOf([
        { type: 'text', text: 'I look.', ...signed },
        call(signed),
        { type: 'reasoning', text: 'Hm.', ...signed },
        { type: 'text', text: '', ...signed },
      ]),
    ).toMatchObject([
      {
        parts: [
          { text: 'I look.', thoughtSignature: 'sig' },
          { functionCall: {}, thoughtSignature: 'sig' },
        ],
      },
      { role: 'user' },
      { parts: [{ text: '', thoughtSignature: 'sig' }] },
    ])
  })

  it("lets a step pass whose first call is another model's, but for models that do not ask", () => {
    const foreign = (model?: string): unknown => contentsOf([call(), call()], model)
    const skip = 'skip_thought_signature_validator'
    expect(foreign('gemini-3-pro-preview')).toHaveProperty('0.parts.0.thoughtSignature', skip)
    expect(foreign()).toHaveProperty('0.parts.0.thoughtSignature', skip)
    expect(foreign()).not.toHaveProperty('0.parts.1.thoughtSignature')
    expect(foreign('gemini-2.5-flash')).not.toHaveProperty('0.parts.0.thoughtSignature')
  })

  it('leaves out what ran on a server', () => {
    expect(contentsOf([call({ providerExecuted: true }), { type: 'text', text: 'A' }])).toEqual([
      { role: 'model', parts: [{ text: 'A' }] },
    ])
  })
})
