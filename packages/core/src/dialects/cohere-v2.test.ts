import { createScriptedFetch, everySplit } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { streamMessage } from '../stream-message.ts'
import { cohereV2 } from './cohere-v2.ts'

const read = (...records: readonly unknown[]): ReadRecords => readRecords(cohereV2, records)

const add = (type: string, message?: object, index?: number): object => ({
  type,
  ...(index !== undefined && { index }),
  ...(message && { delta: { message } }),
})
const start = {
  type: 'message-start',
  id: 'msg-1',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
}
const end = (finish_reason?: string, rest: object = {}): object => ({
  type: 'message-end',
  delta: { finish_reason, ...rest },
})
const text = (words: string, index = 0): object => add('content-delta', { content: { text: words } }, index)
const call = (id: string, name: string, ...pieces: readonly string[]): object[] => [
  add('tool-call-start', { tool_calls: { id, type: 'function', function: { name, arguments: '' } } }, 0),
  ...pieces.map((piece) => add('tool-call-delta', { tool_calls: { function: { arguments: piece } } }, 0)),
  add('tool-call-end', undefined, 0),
]
const cite = (...sources: readonly object[]): object =>
  add('citation-start', { citations: { start: 0, end: 4, text: 'Four', sources, type: 'TEXT_CONTENT' } }, 0)

describe('text', () => {
  it('follows thoughts, in parts by index', () => {
    const { deltas, message, ended } = read(
      start,
      add('content-start', { content: { type: 'thinking', thinking: '' } }, 0),
      add('content-delta', { content: { thinking: 'Ea' } }, 0),
      add('content-delta', { content: { thinking: 'sy.' } }, 0),
      add('content-end', undefined, 0),
      add('content-start', { content: { type: 'text', text: 'Fo' } }, 1),
      text('ur', 1),
      add('content-end', undefined, 1),
      add('content-start', { content: { type: 'text', text: '' } }, 2),
      text('!', 2),
      end('COMPLETE'),
    )
    expect(deltas[0]).toEqual({ type: 'start', id: 'msg-1', model: '', dialect: 'cohere-v2' })
    expect(message).toMatchObject({ id: 'msg-1', finishReason: 'stop', rawFinishReason: 'COMPLETE' })
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Easy.' },
      { type: 'text', text: 'Four' },
      { type: 'text', text: '!' },
    ])
    expect(ended).toBe(true)
  })

  it('has no end before message-end', () => {
    const { message, ended } = read(start, text('Fo'), add('content-end', undefined, 0))
    expect(message.finishReason).toBeUndefined()
    expect(ended).toBe(false)
  })
})

describe('tools', () => {
  it('their plan is data, neither text nor thought, and grows in its place', () => {
    const plan = (words: string): object => add('tool-plan-delta', { tool_plan: words })
    const { message, deltas } = read(start, plan('I will'), plan(' ask.'), ...call('a', 'ask', '{}'))
    expect(message.parts).toMatchObject([
      { type: 'data', name: 'tool-plan', data: 'I will ask.' },
      { type: 'tool' },
    ])
    expect(deltas.filter(({ type }) => type === 'data')).toHaveLength(2)
  })

  it('are called with arguments in pieces', () => {
    const { message } = read(
      start,
      ...call('a_1', 'a', '{"x"', ':1}'),
      ...call('b_2', 'b', '{"y":2}'),
      end('TOOL_CALL'),
    )
    expect(message).toMatchObject({
      finishReason: 'tool-calls',
      parts: [
        { toolCallId: 'a_1', toolName: 'a', state: 'input-available', input: { x: 1 } },
        { toolCallId: 'b_2', toolName: 'b', state: 'input-available', input: { y: 2 } },
      ],
    })
  })

  it.each([[[]], [['null']], [[' ', 'null\n']], [['  ']], [['{}']]])(
    'without parameters are called with {}: %j',
    (pieces) => {
      expect(read(start, ...call('a', 'now', ...pieces)).message.parts).toMatchObject([{ input: {} }])
    },
  )

  it('that were cut are still being written', () => {
    const { message } = read(start, ...call('a', 'ask', '{"x":').slice(0, 2))
    expect(message.parts).toMatchObject([{ state: 'input-streaming', inputText: '{"x":' }])
    expect(message.finishReason).toBeUndefined()
  })

  it('may be named in every piece', () => {
    const piece = (part: string): object =>
      add('tool-call-delta', { tool_calls: { id: 'a', function: { name: 'ask', arguments: part } } }, 0)
    expect(read(piece('{"x":'), piece('1}'), end('TOOL_CALL')).message.parts).toMatchObject([
      { toolCallId: 'a', input: { x: 1 } },
    ])
  })
})

describe('citations', () => {
  it('name documents and tools, each once', () => {
    const page = {
      type: 'document',
      id: 'doc:0',
      document: { id: 'doc:0', title: 'Sums', url: 'https://a.example/', snippet: '2 + 2 = 4' },
    }
    const { message } = read(
      text('Four'),
      cite(page, {
        type: 'document',
        id: 'doc:1',
        document: { data: { title: 'More', url: 'https://b.example/' } },
      }),
      add('citation-end', undefined, 0),
      cite(page, { type: 'tool', id: 'sum:0', tool_output: { title: 'Sum' } }),
      text('.'),
    )
    expect(message.parts).toEqual([
      { type: 'text', text: 'Four.' },
      {
        type: 'source',
        source: { url: 'https://a.example/', id: 'doc:0', title: 'Sums', snippet: '2 + 2 = 4' },
      },
      { type: 'source', source: { url: 'https://b.example/', id: 'doc:1', title: 'More' } },
      { type: 'source', source: { id: 'sum:0', title: 'Sum' } },
    ])
  })
})

describe('the end', () => {
  it('counts the tokens that the model read and wrote, not those that are billed', () => {
    const usage = {
      billed_units: { input_tokens: 8, output_tokens: 50 },
      tokens: { input_tokens: 1394, output_tokens: 54 },
      cached_tokens: 1360,
    }
    expect(read(text('x'), end('COMPLETE', { usage })).message.usage).toEqual({
      inputTokens: 1394,
      outputTokens: 54,
      totalTokens: 1448,
      cachedInputTokens: 1360,
      raw: usage,
    })
  })

  it.each([
    ['COMPLETE', 'stop'],
    ['STOP_SEQUENCE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['TOOL_CALL', 'tool-calls'],
    ['ERROR_TOXIC', 'content-filter'],
    ['ERROR', 'error'],
    ['TIMEOUT', 'error'],
  ])('%s is %s', (raw, finishReason) => {
    const { message } = read(text('x'), end(raw))
    expect(message).toMatchObject({ finishReason, rawFinishReason: raw, parts: [{ text: 'x' }] })
    expect(!!message.error).toBe(finishReason === 'error')
  })

  it('says what went wrong', () => {
    const { message } = read(text('x'), end('ERROR', { error: 'The generation failed.' }))
    expect(message.error).toMatchObject({ code: 'provider', message: 'The generation failed.' })
  })

  it('may be an error alone', () => {
    expect(read(text('x'), end(undefined, { error: 'Gone.' })).message.error).toMatchObject({
      message: 'Gone.',
    })
    expect(read(text('x'), { message: 'internal server error' }).message.error).toMatchObject({
      message: 'internal server error',
    })
    expect(read(text('x'), { type: 'error', message: 'no' }).message.error).toMatchObject({ message: 'no' })
  })
})

describe('an answer that was not streamed', () => {
  it('is read whole', () => {
    const { message, ended } = read({
      id: 'msg-2',
      finish_reason: 'TOOL_CALL',
      message: {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm' },
          { type: 'text', text: 'Wait' },
        ],
        tool_plan: 'I ask both.',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'ask', arguments: '{"x":1}' } },
          { id: 'b', type: 'function', function: { name: 'now', arguments: 'null' } },
        ],
        citations: [{ sources: [{ type: 'document', id: 'doc:0' }] }],
      },
      usage: { tokens: { input_tokens: 1, output_tokens: 2 } },
    })
    expect(message).toMatchObject({ id: 'msg-2', finishReason: 'tool-calls', usage: { outputTokens: 2 } })
    expect(message.parts).toMatchObject([
      { type: 'data', data: 'I ask both.' },
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Wait' },
      { type: 'tool', toolCallId: 'a', input: { x: 1 } },
      { type: 'tool', toolCallId: 'b', input: {} },
      { type: 'source', source: { id: 'doc:0' } },
    ])
    expect(ended).toBe(true)
  })
})

describe('over the wire', () => {
  const events = [start, text('Grüße '), text('🙂'), end('COMPLETE')].map(
    (record) => `event: ${(record as { type: string }).type}\ndata: ${JSON.stringify(record)}\n\n`,
  )

  it('is recognised, and the same in every cutting', async () => {
    for (const { name, chunks } of everySplit([...events, 'data: [DONE]\n\n'].join(''))) {
      const fetch = createScriptedFetch({ body: chunks })
      const message = await streamMessage('https://x.example/', { fetch }).finished
      expect(message, name).toMatchObject({ id: 'msg-1', status: 'done', parts: [{ text: 'Grüße 🙂' }] })
    }
  })

  it('ends with message-end, without waiting for the connection to close', async () => {
    const fetch = createScriptedFetch({ body: events, hang: true })
    expect((await streamMessage('https://x.example/', { fetch }).finished).status).toBe('done')
  })

  it('is incomplete without message-end', async () => {
    const fetch = createScriptedFetch({ body: events.slice(0, 3) })
    const stream = streamMessage('https://x.example/', { fetch })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message.parts).toMatchObject([{ text: 'Grüße 🙂' }])
  })
})

describe('hostile records', () => {
  it.each([
    {},
    { type: 'content-delta' },
    { type: 'content-delta', index: {}, delta: { message: { content: { text: 4, thinking: [] } } } },
    { type: 'tool-call-start', delta: { message: { tool_calls: [null, 7, {}] } } },
    { type: 'tool-call-end', index: 'x' },
    { type: 'citation-start', delta: { message: { citations: [{ sources: [null, 5, { id: 7 }] }, 3] } } },
    { type: 'tool-plan-delta', delta: { message: { tool_plan: {} } } },
  ])('are read as empty: %j', (record) => {
    expect(read(record).deltas).toEqual([])
  })

  it('pollute nothing', () => {
    const record: unknown = JSON.parse(
      '{"type":"citation-start","delta":{"message":{"citations":{"sources":[{"id":"a","document":{"__proto__":{"url":"x"},"data":{"__proto__":{"url":"x"}}}}]}}}}',
    )
    expect(read(record).message.parts).toEqual([{ type: 'source', source: { id: 'a' } }])
    expect(({} as { url?: string }).url).toBeUndefined()
  })

  it('never throw, and their deltas always fit', () => {
    const any = fc.jsonValue()
    const fragment = fc.record(
      { id: fc.string(), function: fc.record({ name: any, arguments: any }) },
      { requiredKeys: [] },
    )
    const message = fc.record(
      {
        content: fc.oneof(any, fc.record({ text: any, thinking: any })),
        tool_plan: any,
        tool_calls: fc.oneof(any, fragment, fc.array(fragment)),
        citations: fc.oneof(any, fc.array(fc.record({ sources: fc.array(any) }))),
      },
      { requiredKeys: [] },
    )
    const record = fc.record(
      {
        type: fc.constantFrom(
          'message-start',
          'content-delta',
          'tool-call-start',
          'tool-call-delta',
          'tool-call-end',
          'citation-start',
          'message-end',
        ),
        index: fc.oneof(fc.nat(2), any),
        delta: fc.oneof(any, fc.record({ message, finish_reason: any, usage: any, error: any })),
        message: fc.oneof(any, message),
      },
      { requiredKeys: [] },
    )
    fc.assert(fc.property(fc.array(record), (records) => void read(...records)))
  })
})
