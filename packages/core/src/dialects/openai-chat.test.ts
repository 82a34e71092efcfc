import { chatChunk } from '@rivulet/testkit'
import { describe, expect, it } from 'vitest'
import { createMessageBuilder } from '../message.ts'
import type { Message, MessageDelta } from '../types.ts'
import { openaiChat } from './openai-chat.ts'

const event = { type: 'message', data: '', lastEventId: '' }

function read(...records: readonly Record<string, unknown>[]): { deltas: MessageDelta[]; message: Message } {
  const reader = openaiChat.open()
  const deltas = [...records.flatMap((record) => reader.read(record, event)), ...reader.end()]
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { deltas, message: builder.snapshot() }
}

const call = (fragment: object): Record<string, unknown> => chatChunk({ tool_calls: [fragment] })
const tools = (message: Message): unknown[] =>
  message.parts.map((part) =>
    part.type === 'tool' ? [part.toolCallId, part.toolName, part.input] : part.type,
  )

describe('text', () => {
  it('becomes deltas of one part, after a start', () => {
    const { deltas, message } = read(
      chatChunk({ role: 'assistant', content: '' }),
      chatChunk({ content: 'Hel' }),
      chatChunk({ content: 'lo' }),
      chatChunk({}, 'stop'),
    )
    expect(deltas).toEqual([
      { type: 'start', id: 'chatcmpl-1', model: 'test-model', dialect: 'openai-chat' },
      { type: 'text-delta', part: 0, delta: 'Hel' },
      { type: 'text-delta', part: 0, delta: 'lo' },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'stop' },
    ])
    expect(message).toMatchObject({
      id: 'chatcmpl-1',
      model: 'test-model',
      parts: [{ type: 'text', text: 'Hello' }],
    })
  })

  it('follows reasoning in a part of its own, whatever the vendor calls it', () => {
    const { message } = read(
      chatChunk({ reasoning_content: 'Hm', content: null }),
      chatChunk({ reasoning: ', so be it' }),
      chatChunk({ content: 'Yes' }),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Hm, so be it' },
      { type: 'text', text: 'Yes' },
    ])
  })

  it('is a refusal part when the model refuses', () => {
    const { message } = read(
      chatChunk({ refusal: 'I can' }),
      chatChunk({ refusal: 'not.' }),
      chatChunk({}, 'stop'),
    )
    expect(message).toMatchObject({ parts: [{ type: 'refusal', text: 'I cannot.' }], finishReason: 'stop' })
  })

  it('comes from the first of several choices', () => {
    const chunk = (index: number, content: string): Record<string, unknown> => ({
      choices: [{ index, delta: { content } }],
    })
    const { message } = read(chunk(1, 'no'), chunk(0, 'yes'), chunk(1, 'no'))
    expect(message.parts).toEqual([{ type: 'text', text: 'yes' }])
  })

  it('starts after a first chunk without choices, as Azure sends it', () => {
    const { deltas } = read(
      { choices: [], prompt_filter_results: [], model: '' },
      chatChunk({ content: 'a' }),
    )
    expect(deltas[0]).toMatchObject({ type: 'start', model: 'test-model' })
  })

  it.each([
    [{}],
    [{ choices: null }],
    [{ choices: [null, 7] }],
    [{ choices: [{ delta: null }] }],
    [{ choices: [{ delta: { content: 7, tool_calls: 'x' } }] }],
  ])('ignores what has another shape: %j', (record) => {
    expect(read(record).message.parts).toEqual([])
  })
})

describe('tool calls', () => {
  it('stream their arguments and end with the parsed input', () => {
    const { deltas } = read(
      call({ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"city":' } }),
      call({ index: 0, id: '', function: { name: null, arguments: '"Oslo"}' } }),
      chatChunk({}, 'tool_calls'),
    )
    expect(deltas.slice(1)).toEqual([
      { type: 'tool-input-start', part: 0, toolCallId: 'call_1', toolName: 'weather' },
      { type: 'tool-input-delta', part: 0, delta: '{"city":' },
      { type: 'tool-input-delta', part: 0, delta: '"Oslo"}' },
      { type: 'tool-input-available', part: 0, input: { city: 'Oslo' } },
      { type: 'finish', finishReason: 'tool-calls', rawFinishReason: 'tool_calls' },
    ])
  })

  it('may come in parallel, interleaved by index', () => {
    const { message } = read(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call({ index: 1, id: 'b', function: { name: 'g', arguments: '{"y"' } }),
      call({ index: 0, function: { arguments: ':1}' } }),
      call({ index: 1, function: { arguments: ':2}' } }),
    )
    expect(tools(message)).toEqual([
      ['a', 'f', { x: 1 }],
      ['b', 'g', { y: 2 }],
    ])
  })

  it('are told apart by id under one index', () => {
    const { message } = read(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
      call({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y":2}' } }),
    )
    expect(tools(message)).toEqual([
      ['a', 'f', { x: 1 }],
      ['b', 'g', { y: 2 }],
    ])
  })

  it('are told apart by index under one id, and may take turns', () => {
    const { message } = read(
      call({ index: 0, id: 'x', function: { name: 'f', arguments: '{"a"' } }),
      call({ index: 1, id: 'x', function: { name: 'g', arguments: '{"b"' } }),
      call({ index: 0, id: 'x', function: { arguments: ':1}' } }),
      call({ index: 1, function: { arguments: ':2}' } }),
    )
    expect(tools(message)).toEqual([
      ['x', 'f', { a: 1 }],
      ['x', 'g', { b: 2 }],
    ])
  })

  it('without an id are not mixed up with one that bears the id we make up', () => {
    const { message } = read(
      call({ index: 0, function: { name: 'f', arguments: '{}' } }),
      call({ index: 1, id: 'call_1', function: { name: 'g', arguments: '{"b":2}' } }),
    )
    expect(tools(message)).toEqual([
      ['call_1', 'f', {}],
      ['call_1', 'g', { b: 2 }],
    ])
  })

  it('that were cut are not ready to run', () => {
    for (const reason of ['length', 'content_filter', 'abort', 'error', null]) {
      const { message } = read(
        call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        chatChunk({}, reason),
      )
      expect(message.parts[0], String(reason)).toMatchObject({ invalid: true })
    }
  })

  it('cost the same however many there are', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => ({
      index,
      id: `c${index}`,
      function: { name: 'f' },
    }))
    expect(read(chatChunk({ tool_calls: many })).message.parts).toHaveLength(50_000)
  })

  it('need no index', () => {
    const { message } = read(
      call({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call({ function: { arguments: ':1}' } }),
      call({ id: 'b', function: { name: 'g' } }),
      chatChunk({}, 'tool_calls'),
    )
    expect(tools(message)).toEqual([
      ['a', 'f', { x: 1 }],
      ['b', 'g', {}],
    ])
  })

  it('keep arguments that are no JSON as text', () => {
    const { message } = read(call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x' } }))
    expect(message.parts[0]).toMatchObject({ input: '{"x', invalid: true, state: 'input-available' })
  })

  it('make the finish reason tool-calls where the vendor says stop', () => {
    const { message } = read(
      call({ id: 'a', function: { name: 'f', arguments: '{}' } }),
      chatChunk({}, 'stop'),
    )
    expect(message.finishReason).toBe('tool-calls')
  })
})

describe('finish reasons', () => {
  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['max_tokens', 'length'],
    ['tool_calls', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['something new', 'other'],
  ])('%s is %s', (raw, finishReason) => {
    expect(read(chatChunk({}, raw)).deltas.at(-1)).toEqual({
      type: 'finish',
      finishReason,
      rawFinishReason: raw,
    })
  })

  it('of error is an error, though none was described', () => {
    expect(read(chatChunk({}, 'error')).deltas.slice(-2)).toMatchObject([
      { type: 'finish', finishReason: 'error' },
      { type: 'error', error: { code: 'provider', message: 'The provider failed.' } },
    ])
  })

  it('is given once, though a vendor repeats it', () => {
    const { deltas } = read(chatChunk({}, 'stop'), chatChunk({}, 'stop'))
    expect(deltas.filter(({ type }) => type === 'finish')).toHaveLength(1)
  })
})

describe('usage', () => {
  it('is read from the chunk without choices', () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 34,
      total_tokens: 46,
      prompt_tokens_details: { cached_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 20 },
      cost: 0.001,
    }
    expect(read({ choices: [], usage }).message.usage).toEqual({
      inputTokens: 12,
      outputTokens: 34,
      totalTokens: 46,
      cachedInputTokens: 8,
      reasoningTokens: 20,
      cost: 0.001,
      raw: usage,
    })
  })

  it('takes cached tokens under the name that DeepSeek gives them', () => {
    const usage = { prompt_tokens: 12, prompt_cache_hit_tokens: 8 }
    expect(read({ choices: [], usage }).message.usage).toMatchObject({
      inputTokens: 12,
      cachedInputTokens: 8,
    })
  })

  it('is the last one sent, never a sum', () => {
    const usage = (completion_tokens: number): Record<string, unknown> => ({
      choices: [],
      usage: { completion_tokens },
    })
    expect(read(usage(1), { usage: null }, usage(3)).message.usage).toMatchObject({ outputTokens: 3 })
  })
})

describe('errors inside the stream', () => {
  it.each([
    [{ error: { message: 'Overloaded', code: 'overloaded' } }, 'Overloaded', 'overloaded'],
    [{ error: 'model crashed' }, 'model crashed', undefined],
    [{ object: 'error', message: 'too long', code: 400 }, 'too long', '400'],
    [{ object: 'error' }, 'The provider failed.', undefined],
    [{ type: 'error', message: 'boom' }, 'boom', 'error'],
    [{ error: { message: ['a', 'b'] } }, '["a","b"]', undefined],
    [{ error: { detail: [{ msg: 'x' }] } }, 'x', undefined],
    [{ error: true }, 'true', undefined],
    [{ error: { message: '' } }, 'The provider failed.', undefined],
  ])('%j is a provider error', (record, message, providerCode) => {
    const delta = read(record).deltas.at(-1)
    expect(delta).toMatchObject({
      type: 'error',
      error: { name: 'StreamError', code: 'provider', message, providerCode },
    })
  })

  it('are known by the event type alone, too', () => {
    const deltas = openaiChat.open().read({ message: 'boom' }, { ...event, type: 'error' })
    expect(deltas.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider', message: 'boom' } })
  })
})
