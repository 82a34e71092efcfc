import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from '../delta-writer.ts'
import { createMessageBuilder, messageText } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message } from '../types.ts'
import { langserve } from './langserve.ts'

type Sent = readonly [type: string, record: unknown]

function read(...sent: readonly Sent[]): { message: Message; ended: boolean } {
  const writer = createDeltaWriter('langserve')
  const reader = langserve.open(writer)
  for (const [type, record] of sent) {
    const event = { type, data: '', lastEventId: '' }
    if (typeof record === 'string') reader.readText?.(record, event)
    else reader.read(record as Record<string, unknown>, event)
  }
  reader.end?.()
  const builder = createMessageBuilder()
  for (const delta of writer.take()) builder.apply(delta)
  return { message: builder.snapshot(), ended: writer.ended }
}

const data = (record: unknown): Sent => ['data', record]
const piece = (content: unknown, rest: object = {}): object => ({
  id: 'run-1',
  type: 'AIMessageChunk',
  content,
  ...rest,
})
const textOf = (...records: readonly unknown[]): string => messageText(read(...records.map(data)).message)

describe('what a runnable gives', () => {
  it('is words', () => {
    expect(read(['metadata', { run_id: 'r' }], data('Hel'), data('lo')).message.parts).toEqual([
      { type: 'text', text: 'Hello' },
    ])
  })

  it('is what a model says', () => {
    const usage_metadata = { input_tokens: 3, output_tokens: 2, total_tokens: 5 }
    const end = piece('', { response_metadata: { finish_reason: 'length' }, usage_metadata })
    expect(read(data(piece('Hel')), data(piece('lo')), data(end)).message).toMatchObject({
      parts: [{ type: 'text', text: 'Hello' }],
      finishReason: 'length',
      usage: { totalTokens: 5 },
    })
  })

  it('is an object that has words somewhere', () => {
    expect(textOf({ output: 'Hel' }, { output: 'lo' })).toBe('Hello')
    expect(textOf({ context: [{ page_content: 'x' }] }, { answer: 'Hel' }, { answer: 'lo' })).toBe('Hello')
    expect(textOf({ output: piece('Hello') })).toBe('Hello')
    expect(textOf({ content: 'Hello' })).toBe('Hello')
  })

  it('is what an agent or a graph adds to its messages', () => {
    const message = { ...piece('Hello'), type: 'ai' }
    expect(textOf({ messages: [{ type: 'human', content: 'Hi' }, message] })).toBe('Hello')
    expect(textOf({ agent: { messages: [message] } }, { output: { messages: [message] } })).toBe('Hello')
    expect(textOf({ output: 'Hello', messages: [message] })).toBe('Hello')
  })

  it('is told in a log by patches', () => {
    const op = (path: string, value: unknown): object => ({ op: 'add', path, value })
    const log = [
      { ops: [{ op: 'replace', path: '', value: { streamed_output: [], final_output: null } }] },
      { ops: [op('/streamed_output/-', 'Hel'), op('/logs/x', { y: 'z' })] },
      { ops: [op('/streamed_output/-', 'lo'), op('/final_output', 'Hello')] },
    ]
    expect(textOf(...log)).toBe('Hello')
  })

  it('is told by events', () => {
    const say = (event: string, rest: object): object => ({ event, run_id: 'x', data: rest })
    const events = [
      say('on_chat_model_stream', { chunk: piece('Hel') }),
      say('on_parser_stream', { chunk: 'Hel' }),
      say('on_chat_model_stream', { chunk: piece('lo') }),
      say('on_chat_model_end', { output: { ...piece('Hello'), type: 'ai' } }),
      say('on_chain_end', { output: 'Hello' }),
    ]
    expect(textOf(...events)).toBe('Hello')
  })
})

describe('the end', () => {
  it('is an error, with its status', () => {
    const { error } = read(data('Hel'), [
      'error',
      { status_code: 500, message: 'Internal Server Error' },
    ]).message
    expect(error).toMatchObject({ code: 'provider', message: 'Internal Server Error', providerCode: '500' })
  })

  it.each([{}, ''])('is an event, where a server gives it the data %j', (record) => {
    expect(read(data('Hello')).ended).toBe(false)
    expect(read(data('Hello'), ['end', record]).ended).toBe(true)
  })

  it.each(['event: end\n\n', 'event: end\ndata:\n\n', ''])('comes with the body, after %j', async (end) => {
    const events = [
      'event: metadata\ndata: {"run_id":"r"}\n\n',
      'event: data\ndata: "Hel"\n\n',
      'event: data\ndata: "lo"\n\n',
    ]
    const fetch = createScriptedFetch({ body: [...events, end] })
    const message = await streamMessage('https://x.example/', { fetch, dialect: 'auto' }).finished
    expect(message).toMatchObject({ status: 'done', parts: [{ type: 'text', text: 'Hello' }] })
  })

  it('is a break when the connection is lost', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('event: data\ndata: "Hel"\n\n'))
      },
      pull(controller) {
        controller.error(new TypeError('lost'))
      },
    })
    const fetch = async (): Promise<Response> =>
      new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const stream = streamMessage('https://x.example/', { fetch, dialect: 'auto', retry: false })
    await expect(stream.finished).rejects.toMatchObject({ name: 'StreamError' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ type: 'text', text: 'Hel' }] })
  })
})

describe('records that are not as documented', () => {
  const names = [
    'output',
    'answer',
    'content',
    'messages',
    'ops',
    'event',
    'data',
    'type',
    'message',
    'status_code',
  ]
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue(),
      fc.constantFrom('ai', 'AIMessageChunk', '/streamed_output/-', '__proto__'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.record(Object.fromEntries(names.map((name) => [name, tie('tree')])), {
        requiredKeys: [],
        noNullPrototype: true,
      }),
    ),
  }))

  it('never throw, and what they become applies', () => {
    const sent = fc.tuple(
      fc.constantFrom('data', 'metadata', 'error'),
      fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), tree),
    )
    fc.assert(
      fc.property(fc.array(sent), (records) => {
        read(
          ...records.filter(
            ([, record]) => typeof record === 'string' || (typeof record === 'object' && record),
          ),
        )
      }),
    )
  })

  it('may nest without end', () => {
    let record: Record<string, unknown> = {}
    for (let depth = 0; depth < 100_000; depth++) record = { output: record }
    expect(textOf(record, 'Hi')).toBe('Hi')
  })
})
