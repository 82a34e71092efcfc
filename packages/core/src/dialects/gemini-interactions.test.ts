import { createScriptedFetch, everySplit } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from '../delta-writer.ts'
import { createMessageBuilder, messageText } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message, MessageDelta } from '../types.ts'
import { geminiInteractions } from './gemini-interactions.ts'

const event = { type: 'message', data: '', lastEventId: '' }

function read(...records: readonly unknown[]): { message: Message; deltas: MessageDelta[] } {
  const writer = createDeltaWriter(geminiInteractions.name)
  const reader = geminiInteractions.open(writer)
  for (const record of records) reader.read(record as Record<string, unknown>, event)
  const deltas = writer.take()
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { message: builder.snapshot(), deltas }
}

const created = {
  event_type: 'interaction.created',
  interaction: { id: 'v1_a', object: 'interaction', model: 'tiny', status: 'in_progress' },
}
const start = (index: number, step: object): object => ({ event_type: 'step.start', index, step })
const delta = (index: number, added: object): object => ({ event_type: 'step.delta', index, delta: added })
const stop = (index: number): object => ({ event_type: 'step.stop', index })
const update = (status: string): object => ({
  event_type: 'interaction.status_update',
  interaction_id: 'v1_a',
  status,
})
const completed = (status = 'completed', rest: object = {}): object => ({
  event_type: 'interaction.completed',
  interaction: { id: 'v1_a', status, ...rest },
})
const text = (index: number, words: string): object => delta(index, { type: 'text', text: words })
const thought = (index: number, words: string): object =>
  delta(index, { type: 'thought_summary', content: { type: 'text', text: words } })

describe('steps', () => {
  it('are thoughts, with their signature, and text', () => {
    const { deltas, message } = read(
      created,
      update('in_progress'),
      start(0, { type: 'thought' }),
      thought(0, 'Ea'),
      thought(0, 'sy.'),
      delta(0, { type: 'thought_signature', signature: 'c2ln' }),
      stop(0),
      start(1, { type: 'model_output' }),
      text(1, 'Fo'),
      text(1, 'ur'),
      stop(1),
      completed(),
    )
    expect(deltas[0]).toEqual({ type: 'start', id: 'v1_a', model: 'tiny', dialect: 'gemini-interactions' })
    expect(message).toMatchObject({ id: 'v1_a', finishReason: 'stop', rawFinishReason: 'completed' })
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Easy.', providerMetadata: { google: { signature: 'c2ln' } } },
      { type: 'text', text: 'Four' },
    ])
  })

  it('of a thought that is kept back are empty reasoning', () => {
    const { message } = read(
      start(0, { type: 'thought' }),
      delta(0, { type: 'thought_signature', signature: 'c2ln' }),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: '', providerMetadata: { google: { signature: 'c2ln' } } },
    ])
  })

  it('may begin with some of their content', () => {
    const { message } = read(
      start(0, { type: 'thought', summary: [{ type: 'text', text: 'Hm' }], signature: 'c2ln' }),
      thought(0, '…'),
      start(1, { type: 'model_output', content: [{ type: 'text', text: 'Fo' }] }),
      text(1, 'ur'),
    )
    expect(message.parts).toMatchObject([
      { type: 'reasoning', text: 'Hm…' },
      { type: 'text', text: 'Four' },
    ])
  })

  it('may run side by side', () => {
    const { message } = read(
      start(0, { type: 'thought' }),
      start(1, { type: 'model_output' }),
      text(1, 'Fo'),
      thought(0, 'Ea'),
      text(1, 'ur'),
      thought(0, 'sy'),
    )
    expect(message.parts).toMatchObject([
      { type: 'text', text: 'Four' },
      { type: 'reasoning', text: 'Easy' },
    ])
  })

  it('are each a part, though their index is used again', () => {
    const { message } = read(text(0, 'a'), start(0, { type: 'model_output' }), text(0, 'b'))
    expect(message.parts).toMatchObject([{ text: 'a' }, { text: 'b' }])
  })

  it('of the user are not the answer', () => {
    const { message } = read(
      start(0, { type: 'user_input', content: [{ type: 'text', text: '2 + 2?' }] }),
      text(0, '!'),
      stop(0),
      start(1, { type: 'model_output' }),
      text(1, 'Four'),
    )
    expect(message.parts).toEqual([{ type: 'text', text: 'Four' }])
  })

  it('show their files between the texts', () => {
    const { message } = read(
      start(0, { type: 'model_output' }),
      text(0, 'Look: '),
      delta(0, { type: 'image', data: 'aGk=', mime_type: 'image/png' }),
      text(0, 'and '),
      delta(0, { type: 'audio', uri: 'https://a.example/a.wav', mime_type: 'audio/wav' }),
    )
    expect(message.parts).toEqual([
      { type: 'text', text: 'Look: ' },
      { type: 'file', url: 'data:image/png;base64,aGk=', mediaType: 'image/png' },
      { type: 'text', text: 'and ' },
      { type: 'file', url: 'https://a.example/a.wav', mediaType: 'audio/wav' },
    ])
  })

  it('cite pages, places and files, each once', () => {
    const annotations = [
      { type: 'url_citation', url: 'https://a.example/', title: 'A', start_index: 0, end_index: 2 },
      { type: 'url_citation', url: 'https://a.example/', title: 'A', start_index: 3, end_index: 4 },
      { type: 'place_citation', url: 'https://maps.example/', name: 'Rome' },
      { type: 'file_citation', file_name: 'sums.pdf', document_uri: 'stores/1' },
      { source: 'https://b.example/' },
    ]
    const { message } = read(
      text(0, 'Four'),
      delta(0, { type: 'text_annotation_delta', annotations }),
      text(0, '.'),
    )
    expect(message.parts).toEqual([
      { type: 'text', text: 'Four.' },
      { type: 'source', source: { url: 'https://a.example/', title: 'A' } },
      { type: 'source', source: { url: 'https://maps.example/', title: 'Rome' } },
      { type: 'source', source: { id: 'stores/1', title: 'sums.pdf' } },
      { type: 'source', source: { url: 'https://b.example/' } },
    ])
  })
})

describe('calls', () => {
  const fn = (id: string, name: string, input?: unknown): object => ({
    type: 'function_call',
    id,
    name,
    signature: '',
    ...(input !== undefined && { arguments: input }),
  })
  const piece = (index: number, words: string): object =>
    delta(index, { type: 'arguments_delta', arguments: words })

  it('come in pieces after an empty object', () => {
    const { message } = read(
      created,
      start(0, fn('f1', 'weather', {})),
      piece(0, '{"city":'),
      piece(0, '"Rome"}'),
      stop(0),
      start(1, fn('f2', 'now', {})),
      stop(1),
      completed('requires_action'),
    )
    expect(message).toMatchObject({
      finishReason: 'tool-calls',
      rawFinishReason: 'requires_action',
      parts: [
        { toolCallId: 'f1', toolName: 'weather', inputText: '{"city":"Rome"}', input: { city: 'Rome' } },
        { toolCallId: 'f2', toolName: 'now', input: {} },
      ],
    })
  })

  it('come whole', () => {
    const { message } = read(start(0, fn('f1', 'weather', { city: 'Rome' })), stop(0))
    expect(message.parts).toMatchObject([{ state: 'input-available', input: { city: 'Rome' } }])
  })

  it('make of completed tool-calls', () => {
    const { message } = read(start(0, fn('f1', 'now')), stop(0), completed())
    expect(message.finishReason).toBe('tool-calls')
  })

  it('that were cut are still being written', () => {
    const { message } = read(start(0, fn('f1', 'weather', {})), piece(0, '{"city":'))
    expect(message.parts).toMatchObject([{ state: 'input-streaming', inputText: '{"city":' }])
  })

  it('keep their signature', () => {
    const { message } = read(start(0, { ...fn('f1', 'now'), signature: 'c2ln' }), stop(0))
    expect(message.parts).toMatchObject([{ providerMetadata: { google: { signature: 'c2ln' } } }])
  })
})

describe("Google's own tools", () => {
  it('run there: a search, with what it found', () => {
    const { message } = read(
      start(0, { type: 'google_search_call', id: 'g1', signature: 'Y2FsbA==' }),
      delta(0, { type: 'google_search_call', arguments: { queries: ['sums'] } }),
      stop(0),
      start(1, { type: 'google_search_result', call_id: 'g1', signature: '' }),
      delta(1, {
        type: 'google_search_result',
        result: [{ url: 'https://a.example/', title: 'A' }, { search_suggestions: '<b>' }],
        is_error: false,
        signature: 'cmVz',
      }),
      stop(1),
      text(2, 'Four'),
      completed(),
    )
    expect(message.finishReason).toBe('stop')
    expect(message.parts).toMatchObject([
      {
        toolCallId: 'g1',
        toolName: 'google_search',
        providerExecuted: true,
        state: 'output-available',
        input: { queries: ['sums'] },
        output: [{ title: 'A' }, { search_suggestions: '<b>' }],
        providerMetadata: { google: { signature: 'Y2FsbA==', resultSignature: 'cmVz' } },
      },
      { type: 'source', source: { url: 'https://a.example/', title: 'A' } },
      { text: 'Four' },
    ])
  })

  it('may fail', () => {
    const { message } = read(
      start(0, { type: 'code_execution_call', id: 'c1', arguments: { language: 'python', code: '1/0' } }),
      stop(0),
      start(1, { type: 'code_execution_result', call_id: 'c1', result: 'ZeroDivisionError', is_error: true }),
      stop(1),
    )
    expect(message.parts).toMatchObject([
      {
        toolName: 'code_execution',
        state: 'output-error',
        input: { code: '1/0' },
        output: 'ZeroDivisionError',
        isError: true,
      },
    ])
  })

  it('of an MCP server have a name of their own', () => {
    const { message } = read(
      start(0, {
        type: 'mcp_server_tool_call',
        id: 'm1',
        name: 'sum',
        server_name: 's',
        arguments: { x: 1 },
      }),
      stop(0),
    )
    expect(message.parts).toMatchObject([{ toolName: 'sum', providerExecuted: true, input: { x: 1 } }])
  })

  it('name only the pages that they could read, and places', () => {
    const { message } = read(
      start(0, {
        type: 'url_context_result',
        call_id: 'u1',
        result: [
          { url: 'https://a.example/', status: 'success' },
          { url: 'https://b.example/', status: 'paywall' },
        ],
      }),
      start(1, {
        type: 'google_maps_result',
        call_id: 'u2',
        result: [{ places: [{ url: 'https://maps.example/', name: 'Rome' }] }],
      }),
    )
    expect(message.parts).toEqual([
      { type: 'source', source: { url: 'https://a.example/' } },
      { type: 'source', source: { url: 'https://maps.example/', title: 'Rome' } },
    ])
  })
})

describe('the first beta', () => {
  it('has blocks of content, and ids and names in the delta', () => {
    const { message } = read(
      { event_type: 'interaction.start', interaction: { id: 'v1_b', model: 'tiny', status: 'in_progress' } },
      { event_type: 'content.start', index: 0, content: { type: 'thought' } },
      { event_type: 'content.delta', index: 0, delta: { type: 'thought_summary', content: { text: 'Hm' } } },
      { event_type: 'content.stop', index: 0 },
      { event_type: 'content.start', index: 1, content: { type: 'text' } },
      { event_type: 'content.delta', index: 1, delta: { type: 'text', text: 'Wait' } },
      { event_type: 'content.stop', index: 1 },
      { event_type: 'content.start', index: 2, content: { type: 'function_call' } },
      {
        event_type: 'content.delta',
        index: 2,
        delta: { type: 'function_call', id: 'f1', name: 'weather', arguments: { city: 'Rome' } },
      },
      { event_type: 'content.stop', index: 2 },
      {
        event_type: 'interaction.complete',
        interaction: {
          id: 'v1_b',
          status: 'requires_action',
          outputs: [{ type: 'text', text: 'Wait' }],
          usage: { total_input_tokens: 1 },
        },
      },
    )
    expect(message).toMatchObject({
      id: 'v1_b',
      finishReason: 'tool-calls',
      usage: { inputTokens: 1 },
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Wait' },
        { toolCallId: 'f1', toolName: 'weather', input: { city: 'Rome' } },
      ],
    })
  })
})

describe('the end', () => {
  it('counts thoughts and what tools gave to read in the totals', () => {
    const usage = {
      total_tokens: 100,
      total_input_tokens: 10,
      total_cached_tokens: 4,
      total_output_tokens: 20,
      total_tool_use_tokens: 30,
      total_thought_tokens: 40,
    }
    expect(read(text(0, 'x'), completed('completed', { usage })).message.usage).toEqual({
      inputTokens: 40,
      outputTokens: 60,
      totalTokens: 100,
      cachedInputTokens: 4,
      reasoningTokens: 40,
      raw: usage,
    })
  })

  it.each([
    ['completed', 'stop'],
    ['requires_action', 'tool-calls'],
    ['incomplete', 'length'],
    ['budget_exceeded', 'length'],
    ['cancelled', 'aborted'],
    ['failed', 'error'],
  ])('%s is %s', (status, finishReason) => {
    expect(read(text(0, 'x'), completed(status)).message).toMatchObject({
      finishReason,
      rawFinishReason: status,
    })
  })

  it('says why it failed', () => {
    const errors = [{ code: 'internal', message: 'It broke.' }]
    expect(read(text(0, 'x'), completed('failed', { errors })).message.error).toMatchObject({
      message: 'It broke.',
      providerCode: 'internal',
    })
    const step = start(0, { type: 'model_output', error: { code: 13, message: 'No output.' } })
    expect(read(step, completed('failed')).message.error).toMatchObject({ message: 'No output.' })
  })

  it('is not a new status alone, as more may come; but it is when the stream ends well', () => {
    const writer = createDeltaWriter(geminiInteractions.name)
    const reader = geminiInteractions.open(writer)
    reader.read(update('completed') as Record<string, unknown>, event)
    expect(writer.take().map(({ type }) => type)).toEqual(['start'])
    reader.end?.()
    expect(writer.take()).toMatchObject([{ type: 'finish', finishReason: 'stop' }])
  })

  it('is not reached while another interaction continues this one', () => {
    const { message } = read(
      created,
      text(0, 'Fo'),
      completed('requires_continuation'),
      created,
      start(0, { type: 'model_output' }),
      text(0, 'ur'),
      completed(),
    )
    expect(messageText(message)).toBe('Four')
    expect(message.finishReason).toBe('stop')
  })

  it('may be an error; what was said stays', () => {
    const { message } = read(text(0, 'Fo'), {
      event_type: 'error',
      error: { code: 'gateway_timeout', message: 'Too slow.' },
    })
    expect(message).toMatchObject({
      parts: [{ text: 'Fo' }],
      error: { message: 'Too slow.', providerCode: 'gateway_timeout' },
    })
  })
})

describe('an interaction that was not streamed', () => {
  it.each(['steps', 'outputs'])('is read whole, by its %s', (name) => {
    const { message } = read({
      id: 'v1_c',
      object: 'interaction',
      model: 'tiny',
      status: 'requires_action',
      usage: { total_output_tokens: 3 },
      [name]: [
        { type: 'thought', summary: [{ type: 'text', text: 'Hm' }] },
        name === 'steps'
          ? { type: 'model_output', content: [{ type: 'text', text: 'Wait' }] }
          : { type: 'text', text: 'Wait' },
        { type: 'function_call', id: 'f1', name: 'now', arguments: {} },
      ],
    })
    expect(message).toMatchObject({
      id: 'v1_c',
      model: 'tiny',
      finishReason: 'tool-calls',
      usage: { outputTokens: 3 },
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Wait' },
        { toolCallId: 'f1', input: {} },
      ],
    })
  })

  it('has no end while it runs in the background', () => {
    expect(
      read({ id: 'v1_d', object: 'interaction', status: 'in_progress' }).message.finishReason,
    ).toBeUndefined()
  })
})

describe('over the wire', () => {
  const events = [
    created,
    start(0, { type: 'model_output' }),
    text(0, 'Grüße '),
    text(0, '🙂'),
    completed(),
  ].map(
    (record) =>
      `event: ${(record as { event_type: string }).event_type}\ndata: ${JSON.stringify(record)}\n\n`,
  )

  it('is recognised, and the same in every cutting', async () => {
    for (const { name, chunks } of everySplit([...events, 'event: done\ndata: [DONE]\n\n'].join(''))) {
      const fetch = createScriptedFetch({ body: chunks })
      const message = await streamMessage('https://x.example/', { fetch }).finished
      expect(message, name).toMatchObject({ id: 'v1_a', status: 'done', parts: [{ text: 'Grüße 🙂' }] })
    }
  })

  it('is incomplete without an end', async () => {
    const fetch = createScriptedFetch({ body: events.slice(0, 4) })
    const stream = streamMessage('https://x.example/', { fetch })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(messageText(stream.message)).toBe('Grüße 🙂')
  })
})

describe('hostile records', () => {
  it.each([
    {},
    { event_type: 7 },
    { event_type: 'interaction.created', interaction: 7 },
    { event_type: 'step.start', index: {}, step: { type: 'model_output', content: 'x' } },
    { event_type: 'step.start', step: null },
    { event_type: 'step.delta', delta: { type: 'text', text: {}, annotations: [null, 7], data: 3, uri: [] } },
    { event_type: 'step.delta', delta: { type: {}, text: 4 } },
    { event_type: 'step.delta', delta: { type: 'thought_summary', content: [null, { text: 7 }] } },
    { event_type: 'step.delta', delta: { type: 'google_search_result', result: [null, { places: 7 }] } },
    { event_type: 'step.stop', index: null },
  ])('are read as empty: %j', (record) => {
    expect(read(record).deltas).toEqual([])
  })

  it.each(['constructor', '__proto__', 'toString'])('a status %s is a word like another', (status) => {
    expect(read(completed(status)).message.finishReason).toBe('other')
  })

  it('never throw, and their deltas always fit', () => {
    const any = fc.jsonValue()
    const content = fc.record(
      {
        type: fc.oneof(
          fc.constantFrom(
            'text',
            'image',
            'thought',
            'thought_summary',
            'model_output',
            'user_input',
            'function_call',
            'arguments_delta',
            'google_search_call',
            'google_search_result',
            'mcp_server_tool_call',
          ),
          any,
        ),
        id: fc.constantFrom('a', 'b', '1', 7),
        call_id: fc.constantFrom('a', 'b', null),
        name: any,
        arguments: any,
        text: any,
        data: any,
        content: any,
        summary: any,
        result: any,
        signature: fc.oneof(fc.string(), any),
        annotations: any,
      },
      { requiredKeys: [] },
    )
    const record = fc.record(
      {
        event_type: fc.constantFrom(
          'interaction.created',
          'interaction.status_update',
          'interaction.completed',
          'step.start',
          'step.delta',
          'step.stop',
          'content.start',
        ),
        index: fc.oneof(fc.nat(2), any),
        step: fc.oneof(content, any),
        content: fc.oneof(content, any),
        delta: fc.oneof(content, any),
        interaction: fc.oneof(
          any,
          fc.record({
            status: fc.oneof(any, fc.constant('completed')),
            steps: fc.array(content),
            usage: any,
          }),
        ),
        status: any,
      },
      { requiredKeys: [] },
    )
    fc.assert(fc.property(fc.array(record), (records) => void read(...records)))
  })
})
