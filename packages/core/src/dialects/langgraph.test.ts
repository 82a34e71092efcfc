import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from '../delta-writer.ts'
import { createMessageBuilder, messageText } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message, MessageDelta } from '../types.ts'
import { langgraph } from './langgraph.ts'

type Loose = Record<string, unknown>
type Sent = readonly [type: string, record: unknown]

/** With `end`, the body has ended well. */
function read(sent: readonly Sent[], end = true): { deltas: MessageDelta[]; message: Message } {
  const writer = createDeltaWriter('langgraph')
  const reader = langgraph.open(writer)
  for (const [type, record] of sent) {
    const event = { type, data: '', lastEventId: '' }
    if (typeof record === 'string') reader.readText?.(record, event)
    else reader.read(record as Loose, event)
  }
  if (end) reader.end?.()
  const deltas = writer.take()
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { deltas, message: builder.snapshot() }
}

const meta = { langgraph_node: 'model', ls_model_name: 'fake-1' }
const piece = (content: unknown, rest: object = {}): Loose => ({
  id: 'run-1',
  type: 'AIMessageChunk',
  content,
  tool_call_chunks: [],
  ...rest,
})
const tuple = (content: unknown, rest?: object): Sent => ['messages', [piece(content, rest), meta]]
const whole = (content: unknown, rest: object = {}): Loose => ({ id: 'run-1', type: 'ai', content, ...rest })
const human = (content: string): Loose => ({ id: `human ${content}`, type: 'human', content })
const stop = { response_metadata: { finish_reason: 'stop' } }
const asksTool = { response_metadata: { finish_reason: 'tool_calls' } }
const call = { id: 'c1', name: 'weather', args: { city: 'Rome' } }
const tool = (rest: object = {}): Loose => ({
  id: 't1',
  type: 'tool',
  tool_call_id: 'c1',
  content: '21',
  ...rest,
})

describe('messages as pieces', () => {
  it('are one text, with the name of the model', () => {
    const { deltas, message } = read([
      ['metadata', { run_id: 'r' }],
      tuple('Hel'),
      tuple('lo'),
      tuple('', stop),
    ])
    expect(deltas).toEqual([
      { type: 'start', id: 'run-1', model: 'fake-1', dialect: 'langgraph' },
      { type: 'text-delta', part: 0, delta: 'Hel' },
      { type: 'text-delta', part: 0, delta: 'lo' },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'stop' },
    ])
    expect(messageText(message)).toBe('Hello')
  })

  it('may repeat themselves', () => {
    expect(messageText(read([tuple('ha'), tuple('ha'), tuple('ha')]).message)).toBe('hahaha')
    const js = { type: 'ai' }
    expect(messageText(read([tuple('ha', js), tuple('ha', js), tuple('', { ...js, ...stop })]).message)).toBe(
      'haha',
    )
  })

  it('come from JavaScript under another type, or without the mark of a piece', () => {
    const plain = (content: string): Sent => ['messages', [whole(content), meta]]
    expect(messageText(read([plain('Hel'), plain('lo')]).message)).toBe('Hello')
  })

  it('are not told again when the message comes as a whole', () => {
    const js = { type: 'ai' }
    const parts = [tuple('Hel', js), tuple('lo', js)]
    expect(messageText(read([...parts, ['messages', [whole('Hello', stop), meta]]]).message)).toBe('Hello')
    expect(messageText(read([...parts, tuple('Hello', { ...js, ...stop })]).message)).toBe('Hello')
  })

  it('come from subgraphs under a longer name', () => {
    const sent: Sent = ['messages|agent:1f0c', [piece('Hello'), meta]]
    expect(messageText(read([sent]).message)).toBe('Hello')
  })

  it('are not those of people or of systems', () => {
    const others = ['human', 'system', 'HumanMessageChunk', 'remove'].map((type): Sent => [
      'messages',
      [{ id: type, type, content: 'x' }, meta],
    ])
    expect(read(others).message.parts).toEqual([])
  })

  it('of two models make two parts', () => {
    const { message } = read([tuple('A'), tuple('1', { id: 'run-2' }), tuple('B')])
    expect(message.parts).toMatchObject([{ text: 'AB' }, { text: '1' }])
  })

  it('may be blocks, with reasoning and sources', () => {
    const { message } = read([
      tuple([{ type: 'thinking', thinking: 'Hm', index: 0 }]),
      tuple([{ type: 'reasoning', summary: [{ type: 'summary_text', text: ', so' }] }]),
      tuple('', { additional_kwargs: { reasoning_content: '.' } }),
      tuple([
        { type: 'text', text: 'Yes', index: 1 },
        '!',
        { type: 'tool_use', id: 'c', name: 'f', input: {} },
      ]),
      tuple([
        { type: 'text_delta', text: '?', citations: [{ url: 'https://a.example/', cited_text: 'so' }] },
      ]),
      tuple('', { additional_kwargs: { refusal: 'No.' } }),
    ])
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Hm, so.' },
      { type: 'text', text: 'Yes!?' },
      { type: 'source', source: { url: 'https://a.example/', snippet: 'so' } },
      { type: 'refusal', text: 'No.' },
    ])
  })

  it("may be LangChain's own serialisation", () => {
    const kwargs = { id: 'run-1', content: 'Hello', tool_call_chunks: [] }
    const serialised = {
      lc: 1,
      type: 'constructor',
      id: ['langchain_core', 'messages', 'AIMessageChunk'],
      kwargs,
    }
    expect(messageText(read([['messages', [serialised, meta]]]).message)).toBe('Hello')
  })
})

describe('messages that grow', () => {
  it('are told as far as they are new', () => {
    const { deltas } = read([
      ['messages/metadata', { 'run-1': { metadata: {} } }],
      ['messages/partial', [whole('Hel')]],
      ['messages/partial', [whole('Hello')]],
      ['messages/partial', [whole('Hello', stop)]],
      ['messages/complete', [whole('Hello', stop)]],
    ])
    expect(deltas.map((delta) => ('delta' in delta ? delta.delta : delta.type))).toEqual([
      'start',
      'Hel',
      'lo',
      'finish',
    ])
  })

  it('have arguments that grow; the last ones are those of the call', () => {
    const partial = (args: object, rest?: object): Sent => [
      'messages/partial',
      [whole('', { tool_calls: [{ id: 'c1', name: 'weather', args }], ...rest })],
    ]
    const { message, deltas } = read([
      partial({}),
      partial({ city: 'Ro' }),
      partial({ city: 'Rome' }, asksTool),
    ])
    expect(message.parts).toMatchObject([
      { toolCallId: 'c1', input: { city: 'Rome' }, state: 'input-available' },
    ])
    expect(deltas.filter(({ type }) => type === 'tool-input-available')).toHaveLength(1)
    expect(() => read([partial({}), partial({ city: 'Ro' })])).toThrow('broke off')
  })

  it('or fragments of arguments that do', () => {
    const partial = (args: string): Sent => [
      'messages/partial',
      [
        whole('', {
          tool_call_chunks: [{ index: 0, id: 'c1', name: 'weather', args }],
          tool_calls: [{ id: 'c1', args: {} }],
        }),
      ],
    ]
    const { message } = read([partial('{"city":'), partial('{"city":"Rome"}')])
    expect(message.parts).toMatchObject([{ inputText: '{"city":"Rome"}', input: { city: 'Rome' } }])
  })
})

describe('state', () => {
  const old = { ...whole('Before', stop), id: 'old' }

  it('has messages from before, which are not told', () => {
    const given = [human('1'), old, human('2')]
    const { message } = read([
      ['values', { messages: given }],
      ['values', { messages: [...given, whole('Hello', stop)] }],
    ])
    expect(message.parts).toEqual([{ type: 'text', text: 'Hello' }])
    expect(message.finishReason).toBe('stop')
  })

  it('has calls from before, which are not told, though the conversation ends with one', () => {
    const given = [human('1'), { ...old, content: '', tool_calls: [call] }]
    const { message } = read([
      ['values', { messages: given }],
      ['values', { messages: [...given, tool()] }],
      ['values', { messages: [...given, tool(), whole('21 degrees', stop)] }],
    ])
    expect(message.parts).toEqual([{ type: 'text', text: '21 degrees' }])
  })

  it('has messages that no mode has told yet', () => {
    const { message } = read([
      ['values', { messages: [human('1')] }],
      tuple('Hel'),
      ['values', { messages: [human('1'), whole('Hello', stop)] }],
      ['updates', { node: { messages: [whole('Hello', stop)] } }],
      ['updates', { node: { messages: whole('Hello', stop) }, other: null }],
      ['messages/complete', [whole('Hello', stop)]],
    ])
    expect(message.parts).toEqual([{ type: 'text', text: 'Hello' }])
  })

  it('may know a message by another id than its pieces', () => {
    const sent: Sent[] = [
      tuple('Hel'),
      tuple('lo'),
      ['updates', { node: { messages: [{ ...whole('Hello'), id: 'msg_1' }] } }],
    ]
    expect(messageText(read(sent).message)).toBe('Hello')
    // Two that say the same are two.
    const two = ['a', 'b'].map((id): Sent => ['updates', { [id]: { messages: [{ ...whole('ok'), id }] } }])
    expect(messageText(read(two).message)).toBe('okok')
  })

  it('may be told in pieces by several modes at once', () => {
    const steps = ['Hel', 'Hello'].flatMap((text, index): Sent[] => {
      const chunk = piece(index ? 'lo' : 'Hel')
      return [
        ['events', { event: 'on_chat_model_stream', data: { chunk } }],
        ['messages/partial', [whole(text)]],
        ['messages', [chunk, meta]],
      ]
    })
    expect(messageText(read(steps).message)).toBe('Hello')
  })

  it('that rewrites what was told changes nothing', () => {
    const { message } = read([tuple('Hello'), ['updates', { guard: { messages: [whole('[removed]')] } }]])
    expect(messageText(message)).toBe('Hello')
  })

  it('has interrupts', () => {
    const interrupts = [{ id: 'i', value: 'Sure?' }]
    for (const mode of ['values', 'updates']) {
      const { message } = read([[mode, { __interrupt__: interrupts }]])
      expect(message.parts).toEqual([{ type: 'data', name: 'interrupt', id: 'interrupt', data: interrupts }])
    }
  })
})

describe('tools', () => {
  const fragment = (args: string, rest: object = {}): Sent =>
    tuple('', { tool_call_chunks: [{ index: 0, id: null, name: null, args, ...rest }] })
  const fragments = [fragment('', { id: 'c1', name: 'weather' }), fragment('{"city":'), fragment('"Rome"}')]

  it('have arguments in pieces, and answers, each once', () => {
    const { message, deltas } = read([
      ...fragments,
      tuple('', asksTool),
      ['updates', { model: { messages: [whole('', { tool_calls: [call], ...asksTool })] } }],
      ['messages', [tool(), meta]],
      ['updates', { tools: { messages: [tool()] } }],
      tuple('21 degrees', { id: 'run-2' }),
      tuple('', { id: 'run-2', ...stop }),
    ])
    expect(message).toMatchObject({
      parts: [
        {
          toolCallId: 'c1',
          toolName: 'weather',
          inputText: '{"city":"Rome"}',
          input: { city: 'Rome' },
          state: 'output-available',
          output: '21',
        },
        { type: 'text', text: '21 degrees' },
      ],
      // The graph ran it: nothing waits for the client.
      finishReason: 'stop',
    })
    expect(deltas.filter(({ type }) => type === 'tool-output')).toHaveLength(1)
  })

  it('may fail', () => {
    const { message } = read([...fragments, ['messages', [tool({ status: 'error' }), meta]]])
    expect(message.parts).toMatchObject([{ state: 'output-error', isError: true, output: '21' }])
  })

  it('may be called several times at once', () => {
    const second = { index: 1, id: 'c2', name: 'time', args: '{}' }
    const { message } = read([...fragments, tuple('', { tool_call_chunks: [second] }), tuple('', asksTool)])
    expect(message.parts).toMatchObject([
      { toolCallId: 'c1', input: { city: 'Rome' } },
      { toolCallId: 'c2', input: {} },
    ])
    expect(message.finishReason).toBe('tool-calls')
  })

  it('may be called with what is no JSON', () => {
    const invalid = { id: 'c1', name: 'weather', args: '{"city', error: 'bad' }
    const { message } = read([
      ['updates', { model: { messages: [whole('', { invalid_tool_calls: [invalid] })] } }],
    ])
    expect(message.parts).toMatchObject([{ toolCallId: 'c1', input: '{"city', invalid: true }])
  })

  it('are not called with half of their arguments, or none, when the body ends there', () => {
    expect(() => read(fragments.slice(0, 1))).toThrow('broke off')
    expect(() => read(fragments.slice(0, 2))).toThrow('broke off')
    expect(() => read(fragments)).not.toThrow()
  })
})

describe('events', () => {
  const say = (event: string, data: object, rest: object = {}): Sent => [
    'events',
    { event, data, run_id: 'x', name: 'model', metadata: meta, ...rest },
  ]

  it('of models are told; those of chains say the same', () => {
    const { message } = read([
      say('on_chain_start', { input: { messages: [human('1')] } }),
      say('on_chat_model_stream', { chunk: piece('Hel') }),
      say('on_chat_model_stream', { chunk: piece('lo') }),
      say('on_chat_model_end', { output: whole('Hello', stop) }),
      say('on_chain_stream', { chunk: { messages: [whole('Hello', stop)] } }),
      say('on_chain_end', { output: { messages: [whole('Hello', stop)] } }),
    ])
    expect(message).toMatchObject({
      parts: [{ type: 'text', text: 'Hello' }],
      finishReason: 'stop',
      model: 'fake-1',
    })
  })

  it('go by the run where the message has no id, and may have no pieces', () => {
    const pieces = ['Hel', 'lo'].map((text) =>
      say('on_chat_model_stream', { chunk: piece(text, { id: null }) }),
    )
    const end = say('on_chat_model_end', {
      output: { generations: [[{ message: whole('Hello', { id: null }) }]] },
    })
    expect(messageText(read([...pieces, end]).message)).toBe('Hello')
    expect(messageText(read([end]).message)).toBe('Hello')
  })

  it('of other models, tools and the application are told, too', () => {
    const { message } = read([
      say('on_llm_stream', { chunk: { text: 'Hi' } }),
      say('on_chat_model_end', { output: whole('', { tool_calls: [call] }) }),
      say('on_tool_end', { output: tool() }),
      say('on_tool_end', { output: 'a tool that no model called' }),
      say('on_custom_event', { step: 1 }, { name: 'progress' }),
    ])
    expect(message.parts).toMatchObject([
      { type: 'text', text: 'Hi' },
      { toolCallId: 'c1', output: '21' },
      { type: 'data', name: 'progress', data: { step: 1 } },
    ])
  })
})

describe('other modes', () => {
  it('are data, or left out', () => {
    const { message } = read([
      ['custom', { step: 1 }],
      ['custom|sub:1', 'words'],
      ['debug', { type: 'task', payload: { messages: [whole('x')] } }],
      ['tasks', whole('x')],
      ['checkpoints', { values: { messages: [whole('x')] } }],
    ])
    expect(message.parts).toEqual([
      { type: 'data', name: 'custom', data: { step: 1 } },
      { type: 'data', name: 'custom', data: 'words' },
    ])
  })

  it('are errors, and what came before them stays', () => {
    const { message } = read(
      [tuple('Hel'), ['error', { error: 'ValueError', message: 'node exploded' }]],
      false,
    )
    expect(message.error).toMatchObject({
      code: 'provider',
      message: 'node exploded',
      providerCode: 'ValueError',
    })
    expect(messageText(message)).toBe('Hel')
    expect(read([['error', 'Boom']], false).message.error?.message).toBe('Boom')
  })
})

describe('usage', () => {
  const counts = { input_tokens: 7, output_tokens: 5, total_tokens: 12 }

  it('has totals and their details', () => {
    const usage_metadata = {
      ...counts,
      input_token_details: { cache_read: 3, cache_creation: 1 },
      output_token_details: { reasoning: 2 },
    }
    expect(read([tuple('Hi'), tuple('', { usage_metadata })]).message.usage).toEqual({
      inputTokens: 7,
      outputTokens: 5,
      totalTokens: 12,
      cachedInputTokens: 3,
      cacheWriteTokens: 1,
      reasoningTokens: 2,
      raw: usage_metadata,
    })
  })

  it('of pieces adds up, of the whole it does not', () => {
    const { message, deltas } = read([
      tuple('', {
        usage_metadata: {
          input_tokens: 7,
          output_tokens: 0,
          total_tokens: 7,
          input_token_details: { cache_read: 2 },
        },
      }),
      tuple('Hi', {
        usage_metadata: {
          input_tokens: 0,
          output_tokens: 5,
          total_tokens: 5,
          input_token_details: { cache_read: 1 },
        },
      }),
      ['updates', { node: { messages: [whole('Hi', { usage_metadata: counts })] } }],
    ])
    expect(message.usage).toMatchObject({
      inputTokens: 7,
      outputTokens: 5,
      totalTokens: 12,
      cachedInputTokens: 3,
    })
    expect(deltas.filter(({ type }) => type === 'usage')).toHaveLength(2)
  })

  it('is that of the last message', () => {
    const first = whole('One', { usage_metadata: counts })
    const second = whole('Two', { id: 'run-2', usage_metadata: { ...counts, total_tokens: 99 } })
    const { message } = read([
      ['updates', { a: { messages: [first] } }],
      ['updates', { b: { messages: [second] } }],
      ['values', { messages: [first, second] }],
    ])
    expect(message.usage?.totalTokens).toBe(99)
  })
})

describe('the end', () => {
  it.each([
    [{ finish_reason: 'length' }, 'length'],
    [{ stop_reason: 'end_turn' }, 'stop'],
    [{ done_reason: 'stop' }, 'stop'],
    [{ finishReason: 'SAFETY' }, 'content-filter'],
    [{ finish_reason: 7 }, undefined],
  ])('has the reason in %j', (response_metadata, finishReason) => {
    expect(read([tuple('Hi', { response_metadata })]).message.finishReason).toBe(finishReason)
  })

  it('has no reason of a message before the last', () => {
    expect(read([tuple('Hi', stop), tuple('And', { id: 'run-2' })]).message.finishReason).toBeUndefined()
  })

  it('is that of the model before what a node says without one', () => {
    const { message } = read([
      tuple('Hi', stop),
      ['updates', { node: { messages: [whole('Bye', { id: 'n' })] } }],
    ])
    expect(message.finishReason).toBe('stop')
  })

  it('is none before the body ends', () => {
    expect(read([tuple('Hi', stop)], false).message.finishReason).toBeUndefined()
  })
})

describe('a stream', () => {
  // The server of JavaScript spreads a record over many lines.
  const lines = (type: string, record: unknown): string =>
    `event: ${type}\n${JSON.stringify(record, null, 2).replace(/^/gm, 'data: ')}\n\n`

  it('is recognised, and ends with the body', async () => {
    const body = [
      lines('metadata', { run_id: 'r' }),
      ': heartbeat\n\n',
      lines('messages', [piece('Hel'), meta]),
      lines('messages', [piece('lo'), meta]),
      lines('messages', [piece('', stop), meta]),
      'event: end\ndata: null\n\n',
    ]
    const fetch = createScriptedFetch({ body })
    const message = await streamMessage('https://x.example/', { fetch, dialect: 'auto' }).finished
    expect(message).toMatchObject({
      status: 'done',
      finishReason: 'stop',
      parts: [{ type: 'text', text: 'Hello' }],
    })
  })

  it.each([
    ['as the server does', (text: string) => piece(text)],
    [
      'as JSON.stringify does',
      (text: string) => ({
        lc: 1,
        type: 'constructor',
        id: ['langchain_core', 'messages', 'AIMessageChunk'],
        kwargs: { id: 'run-1', content: text, tool_call_chunks: [] },
      }),
    ],
  ])('of tuples without names of events is read, written %s', async (_, write) => {
    const body = ['Hel', 'lo'].map((text) => `data: ${JSON.stringify([write(text), meta])}\n\n`)
    const fetch = createScriptedFetch({ body })
    const { status, parts } = await streamMessage('https://x.example/', { fetch }).finished
    expect({ status, parts }).toEqual({ status: 'done', parts: [{ type: 'text', text: 'Hello' }] })
  })
})

describe('records that are not as documented', () => {
  const modes = [
    'messages',
    'messages|a',
    'messages/partial',
    'messages/complete',
    'values',
    'updates',
    'events',
    'custom',
    'error',
  ]
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a', '__proto__', { toString: 1, valueOf: 1 }))
  const fields = (...names: string[]): fc.Arbitrary<Loose> =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])), {
      requiredKeys: [],
      noNullPrototype: true,
    })
  const calls = fc.array(fields('id', 'index', 'name', 'args'))
  const message = fc
    .tuple(
      fields(
        'id',
        'content',
        'additional_kwargs',
        'response_metadata',
        'usage_metadata',
        'tool_call_id',
        'lc',
        'kwargs',
      ),
      fc.constantFrom('ai', 'AIMessageChunk', 'tool', 'human', 'assistant'),
      fc.oneof(
        value,
        fc.array(fields('type', 'text', 'thinking', 'summary', 'citations', 'reasoning_content')),
      ),
      fc.oneof(calls, value),
    )
    .map(([rest, type, content, tool_calls]): Loose => ({
      ...rest,
      type,
      content,
      tool_calls,
      tool_call_chunks: tool_calls,
    }))
  const record = fc.oneof(
    fc.array(fc.oneof(message, value)),
    fc.array(message).map((messages) => ({ messages })),
    message.map((node) => ({ node, event: 'on_chat_model_stream', data: { chunk: node, output: node } })),
    fc.dictionary(fc.string(), fc.jsonValue()),
  )

  it('never throw, and what they become applies', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...modes), record)), (sent) => {
        read(sent, false)
      }),
    )
  })
})
