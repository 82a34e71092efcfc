import { createScriptedFetch, everySplit } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from '../delta-writer.ts'
import { createMessageBuilder } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message, MessageDelta } from '../types.ts'
import { ollama } from './ollama.ts'

const event = { type: 'message', data: '', lastEventId: '' }

function read(...records: readonly unknown[]): { message: Message; deltas: MessageDelta[]; ended: boolean } {
  const writer = createDeltaWriter(ollama.name)
  const reader = ollama.open(writer)
  for (const record of records) reader.read(record as Record<string, unknown>, event)
  const deltas = writer.take()
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { message: builder.snapshot(), deltas, ended: writer.ended }
}

const chat = (message: object, rest: object = { done: false }): object => ({
  model: 'tiny',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', ...message },
  ...rest,
})
const call = (name: string, input: unknown, rest: object = {}): object => ({
  ...rest,
  function: { name, arguments: input },
})
const inputs = ({ parts }: Message): unknown[] =>
  parts.map((part) => (part.type === 'tool' ? [part.toolName, part.input] : part.type))

describe('a chat', () => {
  it('is thoughts, then words, and ends with done', () => {
    const { deltas, message, ended } = read(
      chat({ content: '', thinking: 'Easy' }),
      chat({ content: '', thinking: '.' }),
      chat({ content: 'Fo' }),
      chat({ content: 'ur' }, { done: true, done_reason: 'stop' }),
    )
    expect(deltas[0]).toEqual({ type: 'start', id: '', model: 'tiny', dialect: 'ollama' })
    expect(message).toMatchObject({
      model: 'tiny',
      finishReason: 'stop',
      rawFinishReason: 'stop',
      parts: [
        { type: 'reasoning', text: 'Easy.' },
        { type: 'text', text: 'Four' },
      ],
    })
    expect(ended).toBe(true)
  })

  it('may call its thoughts reasoning_content', () => {
    expect(read(chat({ reasoning_content: 'Hm' })).message.parts).toEqual([{ type: 'reasoning', text: 'Hm' }])
  })

  it('has no end before done', () => {
    const { message, ended } = read(chat({ content: 'Fo' }))
    expect(message.finishReason).toBeUndefined()
    expect(ended).toBe(false)
  })

  it('comes in one record when it is not streamed', () => {
    const record = chat(
      { content: 'Four', thinking: 'Easy' },
      { done: true, done_reason: 'length', eval_count: 3 },
    )
    expect(read(record).message).toMatchObject({
      finishReason: 'length',
      parts: [{ text: 'Easy' }, { text: 'Four' }],
      usage: { outputTokens: 3 },
    })
  })

  it('shows its images', () => {
    expect(read(chat({ images: ['aGk=', 7] })).message.parts).toEqual([
      { type: 'file', url: 'data:image/png;base64,aGk=', mediaType: 'image/png' },
    ])
  })
})

describe('a generation', () => {
  it('has its words in the record itself', () => {
    const { message, ended } = read(
      { model: 'tiny', response: '', thinking: 'Hm', done: false },
      { model: 'tiny', response: 'Fo', done: false },
      { model: 'tiny', response: 'ur', done: true, done_reason: 'stop', context: [1, 2, 3] },
    )
    expect(message).toMatchObject({
      finishReason: 'stop',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Four' },
      ],
    })
    expect(message.usage).toBeUndefined()
    expect(ended).toBe(true)
  })

  it('may be an image', () => {
    expect(read({ response: '', image: 'aGk=', done: false }).message.parts).toMatchObject([{ type: 'file' }])
  })
})

describe('calls', () => {
  it('come whole, with an object, and make of stop tool-calls', () => {
    const { message } = read(
      chat({ content: '', tool_calls: [call('weather', { city: 'Rome' })] }),
      chat({ content: '' }, { done: true, done_reason: 'stop' }),
    )
    expect(message).toMatchObject({
      finishReason: 'tool-calls',
      rawFinishReason: 'stop',
      parts: [
        {
          type: 'tool',
          toolName: 'weather',
          state: 'input-available',
          inputText: '{"city":"Rome"}',
          input: { city: 'Rome' },
        },
      ],
    })
    expect((message.parts[0] as { toolCallId: string }).toolCallId).not.toBe('')
  })

  it('of several records and several in one are each their own, though their index is the same', () => {
    const indexed = (city: string): object => ({
      function: { index: 0, name: 'weather', arguments: { city } },
    })
    const { message } = read(
      chat({ tool_calls: [indexed('Rome'), indexed('Oslo')] }),
      chat({ tool_calls: [indexed('Rome')] }),
    )
    expect(inputs(message)).toEqual([
      ['weather', { city: 'Rome' }],
      ['weather', { city: 'Oslo' }],
      ['weather', { city: 'Rome' }],
    ])
    expect(new Set(message.parts.map((part) => part.type === 'tool' && part.toolCallId)).size).toBe(3)
  })

  it('keep the id that they have', () => {
    const { message } = read(
      chat({ tool_calls: [call('a', {}, { id: 'call_a' }), { function: { id: 'call_b', name: 'b' } }] }),
    )
    expect(message.parts).toMatchObject([{ toolCallId: 'call_a' }, { toolCallId: 'call_b' }])
  })

  it('may have their arguments as a text, or none', () => {
    const { message } = read(
      chat({ tool_calls: [call('a', '{"x":1}'), call('b', null), call('c', undefined), call('d', {})] }),
    )
    expect(inputs(message)).toEqual([
      ['a', { x: 1 }],
      ['b', {}],
      ['c', {}],
      ['d', {}],
    ])
  })
})

describe('the end', () => {
  it('counts tokens and keeps all counts and durations', () => {
    const counts = {
      total_duration: 900,
      load_duration: 100,
      prompt_eval_count: 26,
      prompt_eval_duration: 200,
      eval_count: 4,
      eval_duration: 300,
    }
    const { message } = read(
      chat({ content: 'Four' }, { done: true, done_reason: 'stop', ...counts, context: [1] }),
    )
    expect(message.usage).toEqual({ inputTokens: 26, outputTokens: 4, totalTokens: 30, raw: counts })
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'other'],
    ['unload', 'other'],
    [undefined, 'stop'],
  ])('%s is %s', (done_reason, finishReason) => {
    expect(read(chat({ content: '' }, { done: true, done_reason })).message.finishReason).toBe(finishReason)
  })

  it('may be an error; what was said stays', () => {
    const { message } = read(chat({ content: 'Fo' }), { error: 'out of memory' })
    expect(message.parts).toEqual([{ type: 'text', text: 'Fo' }])
    expect(message.error).toMatchObject({ code: 'provider', message: 'out of memory' })
    expect(message.finishReason).toBeUndefined()
  })
})

describe('over the wire', () => {
  const lines = [
    chat({ content: '', thinking: 'Grüße? ' }),
    chat({ content: 'Hallo 🙂' }),
    chat({ content: '' }, { done: true, done_reason: 'stop', eval_count: 2 }),
  ].map((record) => `${JSON.stringify(record)}\n`)
  const headers = { 'content-type': 'application/x-ndjson' }

  it('is recognised, and the same in every cutting', async () => {
    for (const { name, chunks } of everySplit(lines.join(''))) {
      const fetch = createScriptedFetch({ headers, body: chunks })
      const message = await streamMessage('https://x.example/', { fetch }).finished
      expect(message, name).toMatchObject({
        status: 'done',
        parts: [{ text: 'Grüße? ' }, { text: 'Hallo 🙂' }],
        usage: { outputTokens: 2 },
      })
    }
  })

  it('ends with done, without waiting for the connection to close', async () => {
    const fetch = createScriptedFetch({ headers, body: lines, hang: true })
    expect((await streamMessage('https://x.example/', { fetch }).finished).status).toBe('done')
  })

  it('is incomplete without done', async () => {
    const fetch = createScriptedFetch({ headers, body: lines.slice(0, 2) })
    const stream = streamMessage('https://x.example/', { fetch })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message.parts).toMatchObject([{ text: 'Grüße? ' }, { text: 'Hallo 🙂' }])
  })
})

describe('hostile records', () => {
  it.each([
    [null],
    [[]],
    [{ message: 7, done: 'yes' }],
    [{ message: [], response: {}, done: 1, error: null }],
    [{ message: { content: {}, thinking: 4, tool_calls: {}, images: 'x' }, done: null }],
    [{ message: { tool_calls: [null, 7, { function: 3 }, { function: { name: {}, arguments: [1] } }] } }],
  ])('are read as empty: %j', (record) => {
    const { deltas } = read(record ?? {})
    expect(deltas.filter(({ type }) => /text|reasoning|finish|error/.test(type))).toEqual([])
  })

  it('pollute nothing', () => {
    const record = JSON.parse(
      '{"__proto__":{"done":true},"message":{"__proto__":{"content":"x"}},"done":true,"x_count":{"toString":1},"done_reason":{"toString":1}}',
    ) as object
    expect(read(record).message).toMatchObject({ parts: [], finishReason: 'stop' })
    expect(({} as { done?: boolean }).done).toBeUndefined()
  })

  it('never throw, and their deltas always fit', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({ function: fc.jsonValue(), id: fc.jsonValue() }),
      fc.array(
        fc.record({
          function: fc.record({ name: fc.jsonValue(), arguments: fc.jsonValue() }),
          id: fc.string(),
        }),
      ),
    )
    const record = fc.record(
      {
        message: fc.oneof(
          fc.jsonValue(),
          fc.record({ content: value, thinking: value, tool_calls: value, images: value }),
        ),
        response: fc.jsonValue(),
        done: fc.oneof(fc.boolean(), fc.jsonValue()),
        done_reason: fc.jsonValue(),
        eval_count: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(fc.property(fc.array(record), (records) => void read(...records)))
  })
})
