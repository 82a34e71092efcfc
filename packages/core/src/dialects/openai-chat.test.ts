import { chatChunk } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT, readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { createDeltaWriter } from '../delta-writer.ts'
import type { Message } from '../types.ts'
import { openaiChat } from './openai-chat.ts'

const read = (...records: readonly Record<string, unknown>[]): ReadRecords =>
  readRecords(openaiChat, records, true)

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
      [expect.stringMatching(/^call_\d+_\d+$/), 'f', {}],
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

  it('are known by the EVENT type alone, too', () => {
    const writer = createDeltaWriter('openai-chat')
    openaiChat.open(writer).read({ message: 'boom' }, { ...EVENT, type: 'error' })
    expect(writer.take().at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'provider', message: 'boom' },
    })
  })
})

describe('vendors', () => {
  it('Mistral: content may be a list of thinking and text', () => {
    const { message } = read(
      chatChunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Let me' }] }] }),
      chatChunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: ' see.' }] }] }),
      chatChunk({ content: [{ type: 'text', text: 'Yes' }] }),
      chatChunk({ content: '.' }, 'stop'),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Let me see.' },
      { type: 'text', text: 'Yes.' },
    ])
  })

  it('OpenRouter: reasoning_details are kept for the next request, with the reasoning they belong to', () => {
    const detail = (detail: object): Record<string, unknown> =>
      chatChunk({ content: '', reasoning_details: [{ type: 'reasoning.text', index: 0, ...detail }] })
    const { message } = read(
      detail({ text: 'Hm' }),
      detail({ text: 'm', format: 'x' }),
      detail({ signature: 'sig' }),
      {
        ...chatChunk({
          content: 'Yes',
          reasoning_details: [{ type: 'reasoning.encrypted', data: 'abc', index: 1 }],
        }),
      },
    )
    expect(message.parts).toEqual([
      {
        type: 'reasoning',
        text: 'Hmm',
        providerMetadata: {
          openrouter: {
            reasoning_details: [
              { type: 'reasoning.text', index: 0, text: 'Hmm', format: 'x', signature: 'sig' },
              { type: 'reasoning.encrypted', data: 'abc', index: 1 },
            ],
          },
        },
      },
      { type: 'text', text: 'Yes' },
    ])
  })

  it('OpenRouter: reasoning is told once, though it stands in the chunk twice', () => {
    const { message } = read(
      chatChunk({ reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a' }] }),
      chatChunk({}, 'stop'),
    )
    expect(message.parts).toMatchObject([{ type: 'reasoning', text: 'a' }])
  })

  it('xAI: reasoning is counted apart, and the cost is in ticks', () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 303,
      completion_tokens_details: { reasoning_tokens: 290 },
      cost_in_usd_ticks: 15_000_000,
    }
    expect(read({ ...chatChunk({}), usage }).message.usage).toEqual({
      inputTokens: 12,
      outputTokens: 291,
      totalTokens: 303,
      reasoningTokens: 290,
      cost: 0.0015,
      raw: usage,
    })
  })

  it('OpenAI: reasoning is contained in the completion', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 300,
      total_tokens: 310,
      completion_tokens_details: { reasoning_tokens: 290 },
    }
    expect(read({ ...chatChunk({}), usage }).message.usage).toMatchObject({ outputTokens: 300 })
  })

  it('DeepSeek, OpenRouter: cached and written tokens', () => {
    const counts = { prompt_tokens: 10, completion_tokens: 1 }
    expect(read({ usage: { ...counts, prompt_cache_hit_tokens: 8 } }).message.usage).toMatchObject({
      cachedInputTokens: 8,
    })
    const details = { prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 } }
    expect(read({ usage: { ...counts, ...details } }).message.usage).toMatchObject({
      cachedInputTokens: 3,
      cacheWriteTokens: 4,
    })
  })

  it('Groq: usage may be under x_groq, and tools may run there', () => {
    const { message } = read(
      chatChunk({ executed_tools: [{ index: 0, type: 'search', arguments: '{"q":"sky"}' }] }),
      chatChunk({
        executed_tools: [
          {
            index: 0,
            type: 'search',
            arguments: '{"q":"sky"}',
            output: 'Blue.',
            search_results: { results: [{ title: 'Sky', url: 'https://sky.example/', content: 'It is.' }] },
          },
        ],
      }),
      {
        ...chatChunk({ content: 'Blue' }, 'stop'),
        x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } },
      },
    )
    expect(message.parts).toMatchObject([
      {
        toolName: 'search',
        providerExecuted: true,
        state: 'output-available',
        input: { q: 'sky' },
        output: 'Blue.',
      },
      { source: { url: 'https://sky.example/', title: 'Sky', snippet: 'It is.' } },
      { text: 'Blue' },
    ])
    expect(message).toMatchObject({ finishReason: 'stop', usage: { totalTokens: 3 } })
  })

  it('Perplexity: citations come with every chunk and are told once, with their titles', () => {
    const found = {
      citations: ['https://a.example/', 'https://b.example/'],
      search_results: [{ url: 'https://a.example/', title: 'A' }],
    }
    const { message } = read(
      { ...chatChunk({ content: 'x' }), ...found },
      { ...chatChunk({ content: 'y' }), ...found },
    )
    expect(message.parts).toEqual([
      { type: 'text', text: 'xy' },
      { type: 'source', source: { url: 'https://a.example/', title: 'A' } },
      { type: 'source', source: { url: 'https://b.example/' } },
    ])
  })

  it('OpenRouter and OpenAI: citations are annotations', () => {
    const annotation = {
      type: 'url_citation',
      url_citation: { url: 'https://a.example/', title: 'A', content: 'c' },
    }
    expect(read(chatChunk({ annotations: [annotation] })).message.parts).toEqual([
      { type: 'source', source: { url: 'https://a.example/', title: 'A', snippet: 'c' } },
    ])
  })

  it('OpenRouter: pictures are files', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }]
    expect(read(chatChunk({ images })).message.parts).toEqual([
      { type: 'file', url: 'data:image/png;base64,AA==', mediaType: 'image/png' },
    ])
  })

  it('OpenAI: what is spoken is text', () => {
    expect(
      read(chatChunk({ audio: { id: 'a', transcript: 'Hel' } }), chatChunk({ audio: { transcript: 'lo' } }))
        .message.parts,
    ).toEqual([{ type: 'text', text: 'Hello' }])
  })

  it.each([
    ['one index', { index: 0 }],
    ['no index', {}],
  ])('Gemini: parallel calls without ids and with %s are as many', (_, place) => {
    const whole = (name: string, input: string): Record<string, unknown> =>
      call({ ...place, function: { name, arguments: input } })
    const { message } = read(
      whole('f', '{"x":{"y":1}}'),
      whole('f', '{"x":2}'),
      whole('g', ''),
      call({ ...place, function: { arguments: '{"z":3}' } }),
      chatChunk({}, 'stop'),
    )
    expect(tools(message).map((each) => (each as unknown[]).slice(1))).toEqual([
      ['f', { x: { y: 1 } }],
      ['f', { x: 2 }],
      ['g', { z: 3 }],
    ])
  })

  it('a name that is said with each fragment is one call', () => {
    const { message } = read(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":{"y":1}' } }),
      call({ index: 0, function: { name: 'f', arguments: ',"z":"}' } }),
      call({ index: 0, function: { name: 'f', arguments: '"}' } }),
      call({ index: 0, function: { name: 'f', arguments: '' } }),
      chatChunk({}, 'tool_calls'),
    )
    expect(tools(message)).toEqual([['a', 'f', { x: { y: 1 }, z: '}' }]])
  })

  it('the deprecated function_call is a tool call', () => {
    const { message } = read(
      chatChunk({ function_call: { name: 'f', arguments: '' } }),
      chatChunk({ function_call: { arguments: '{"a":1}' } }),
      chatChunk({}, 'function_call'),
    )
    expect(message).toMatchObject({ finishReason: 'tool-calls', parts: [{ toolName: 'f', input: { a: 1 } }] })
  })

  it('arguments may be an object', () => {
    const { message } = read(call({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }))
    expect(message.parts).toMatchObject([{ input: { x: 1 }, inputText: '{"x":1}' }])
  })
})

it('never throws, and its deltas always apply', () => {
  const json = fc.jsonValue() as fc.Arbitrary<never>
  const loose = fc.record(
    {
      choices: fc.oneof(
        json,
        fc.array(
          fc.record(
            {
              index: json,
              finish_reason: json,
              delta: fc.oneof(
                json,
                fc.record(
                  {
                    content: fc.oneof(json, fc.array(fc.record({ text: json, thinking: json }))),
                    reasoning: json,
                    reasoning_details: fc.oneof(
                      json,
                      fc.array(fc.record({ type: json, text: json, index: json })),
                    ),
                    tool_calls: fc.oneof(
                      json,
                      fc.array(
                        fc.record({
                          index: json,
                          id: json,
                          function: fc.record({ name: json, arguments: json }),
                        }),
                      ),
                    ),
                    executed_tools: fc.oneof(json, fc.array(fc.record({ index: json, output: json }))),
                    annotations: json,
                    audio: json,
                    images: json,
                    refusal: json,
                    function_call: json,
                  },
                  { requiredKeys: [] },
                ),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
      usage: fc.oneof(json, fc.record({ prompt_tokens: json, completion_tokens_details: json })),
      error: json,
      citations: json,
      search_results: json,
      x_groq: json,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, unknown>>
  fc.assert(fc.property(fc.array(loose), (records) => void read(...records)))
})
