import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looseJson } from '../../test/loose-json.ts'
import { readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { streamMessage } from '../stream-message.ts'
import { anthropicMessages } from './anthropic-messages.ts'

type Json = Record<string, unknown>

const read = (...records: readonly Json[]): ReadRecords => readRecords(anthropicMessages, records, true)

const start = (more: Json = {}): Json => ({
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], ...more },
})
const open = (index: number, content_block: Json): Json => ({
  type: 'content_block_start',
  index,
  content_block,
})
const grow = (index: number, delta: Json): Json => ({ type: 'content_block_delta', index, delta })
const close = (index: number): Json => ({ type: 'content_block_stop', index })
const finish = (stop_reason: string, usage?: Json, more: Json = {}): Json => ({
  type: 'message_delta',
  delta: { stop_reason, ...more },
  usage,
})
const text = (index: number, words: string): Json[] => [
  open(index, { type: 'text', text: '' }),
  grow(index, { type: 'text_delta', text: words }),
  close(index),
]
const json = (index: number, partial_json: string): Json =>
  grow(index, { type: 'input_json_delta', partial_json })
const tool = (id: string, more: Json = {}): Json => ({
  type: 'tool_use',
  id,
  name: 'weather',
  input: {},
  ...more,
})

describe('text', () => {
  it('becomes a part for each block, after a start; pings are nothing', () => {
    const { deltas, ended } = read(
      start(),
      { type: 'ping' },
      ...text(0, 'Hello'),
      ...text(1, 'there'),
      finish('end_turn'),
      { type: 'message_stop' },
    )
    expect(deltas).toEqual([
      { type: 'start', id: 'msg_1', model: 'claude', dialect: 'anthropic-messages' },
      { type: 'text-delta', part: 0, delta: 'Hello' },
      { type: 'text-delta', part: 1, delta: 'there' },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'end_turn' },
    ])
    expect(ended).toBe(true)
  })

  it('has its citations as sources, each once', () => {
    const cite = (citation: Json): Json => grow(0, { type: 'citations_delta', citation })
    const { message } = read(
      start(),
      open(0, {
        type: 'text',
        text: '',
        citations: [{ url: 'https://a.example/', title: 'A', cited_text: 'x' }],
      }),
      cite({ type: 'web_search_result_location', url: 'https://a.example/', title: 'A', cited_text: 'y' }),
      cite({
        type: 'char_location',
        file_id: 'file_1',
        document_index: 0,
        document_title: 'Doc',
        cited_text: 'z',
      }),
      cite({ type: 'search_result_location', source: 'kb/7', title: null, cited_text: 'q' }),
      cite({
        type: 'page_location',
        file_id: null,
        document_index: 0,
        document_title: null,
        cited_text: 'r',
      }),
    )
    expect(message.parts.map((part) => part.type === 'source' && part.source)).toEqual([
      { url: 'https://a.example/', title: 'A', snippet: 'x' },
      { id: 'file_1', title: 'Doc', snippet: 'z' },
      { id: 'kb/7', snippet: 'q' },
      { id: 'document 0', snippet: 'r' },
    ])
  })
})

describe('thinking', () => {
  it('keeps its signature, which may come in pieces or with the start', () => {
    const { message } = read(
      start(),
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      grow(0, { type: 'thinking_delta', thinking: 'Hm' }),
      grow(0, { type: 'signature_delta', signature: 'ab' }),
      grow(0, { type: 'signature_delta', signature: 'cd' }),
      close(0),
      open(1, { type: 'thinking', thinking: 'So', signature: 'ef' }),
      close(1),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Hm', providerMetadata: { anthropic: { signature: 'abcd' } } },
      { type: 'reasoning', text: 'So', providerMetadata: { anthropic: { signature: 'ef' } } },
    ])
  })

  it('that is kept back is an empty part with what to send back', () => {
    const { message } = read(
      start(),
      open(0, { type: 'redacted_thinking', data: 'x==' }),
      close(0),
      open(1, { type: 'thinking', thinking: '', signature: '' }),
      grow(1, { type: 'signature_delta', signature: 's' }),
      close(1),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: '', providerMetadata: { anthropic: { redactedData: 'x==' } } },
      { type: 'reasoning', text: '', providerMetadata: { anthropic: { signature: 's' } } },
    ])
  })
})

describe('calls', () => {
  it('stream their arguments', () => {
    const { deltas } = read(
      start(),
      open(0, tool('toolu_1')),
      json(0, ''),
      json(0, '{"city":'),
      json(0, '"Oslo"}'),
      close(0),
      finish('tool_use'),
    )
    expect(deltas.slice(1)).toEqual([
      { type: 'tool-input-start', part: 0, toolCallId: 'toolu_1', toolName: 'weather' },
      { type: 'tool-input-delta', part: 0, delta: '{"city":' },
      { type: 'tool-input-delta', part: 0, delta: '"Oslo"}' },
      { type: 'tool-input-available', part: 0, input: { city: 'Oslo' } },
      { type: 'finish', finishReason: 'tool-calls', rawFinishReason: 'tool_use' },
    ])
  })

  it.each([
    ['no arguments', {}, '', {}],
    ['arguments with the start', { input: { city: 'Oslo' } }, '', { city: 'Oslo' }],
    ['arguments with the start and again', { input: { city: 'Os' } }, '{"city":"Oslo"}', { city: 'Oslo' }],
  ])('may have %s', (_, more, pieces, input) => {
    const { message } = read(start(), open(0, tool('a', more)), json(0, pieces), close(0))
    expect(message.parts).toMatchObject([{ state: 'input-available', input }])
  })

  it('are told by their ids where a proxy gives all blocks one index', () => {
    const { message } = read(
      start(),
      ...text(0, 'Both.'),
      open(0, tool('a')),
      json(0, '{"x":1}'),
      close(0),
      open(0, tool('b')),
      json(0, '{"x":2}'),
      close(0),
    )
    expect(message.parts).toMatchObject([
      { text: 'Both.' },
      { toolCallId: 'a', input: { x: 1 } },
      { toolCallId: 'b', input: { x: 2 } },
    ])
  })

  it('that were cut are not ready', () => {
    const { message } = read(start(), open(0, tool('a')), json(0, '{"ci'))
    expect(message.parts).toMatchObject([{ invalid: true, input: '{"ci' }])
    expect(message.finishReason).toBeUndefined()
  })

  it('may stand in the start of a message that goes on', () => {
    const { message } = read(
      start({ content: [tool('a', { input: { x: 1 } })] }),
      ...text(0, 'Now.'),
      finish('tool_use'),
    )
    expect(message.parts).toMatchObject([{ toolCallId: 'a', input: { x: 1 } }, { text: 'Now.' }])
  })
})

describe('tools that run on the server', () => {
  const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }

  it('have their results, with what the round trip needs, and their pages as sources', () => {
    const content = [
      { type: 'web_search_result', url: 'https://a.example/', title: 'A', encrypted_content: 'x' },
    ]
    const { message } = read(
      start(),
      open(0, search),
      json(0, '{"query":"a"}'),
      close(0),
      open(1, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content }),
      close(1),
      finish('end_turn'),
    )
    expect(message).toMatchObject({
      finishReason: 'stop',
      parts: [
        {
          toolName: 'web_search',
          providerExecuted: true,
          state: 'output-available',
          input: { query: 'a' },
          output: content,
          providerMetadata: { anthropic: { type: 'server_tool_use', resultType: 'web_search_tool_result' } },
        },
        { type: 'source', source: { url: 'https://a.example/', title: 'A' } },
      ],
    })
  })

  it('fail with an error of their own', () => {
    const { message } = read(
      start(),
      open(0, search),
      close(0),
      open(1, {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
      }),
    )
    expect(message.parts).toMatchObject([
      { state: 'output-error', output: { error_code: 'max_uses_exceeded' } },
    ])
  })

  it('are those of MCP servers, too', () => {
    const { message } = read(
      start(),
      open(0, { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'echo', server_name: 'srv', input: {} }),
      json(0, '{"a":1}'),
      close(0),
      open(1, { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', is_error: true, content: 'No.' }),
      close(1),
    )
    expect(message.parts).toMatchObject([
      {
        toolName: 'echo',
        providerExecuted: true,
        state: 'output-error',
        output: 'No.',
        providerMetadata: {
          anthropic: { type: 'mcp_tool_use', serverName: 'srv', resultType: 'mcp_tool_result' },
        },
      },
    ])
  })

  it('give the page that was fetched as a source', () => {
    const page = {
      type: 'web_fetch_result',
      url: 'https://p.example/',
      content: { type: 'document', title: 'P' },
    }
    const { message } = read(
      start(),
      open(0, { ...search, name: 'web_fetch' }),
      close(0),
      open(1, { type: 'web_fetch_tool_result', tool_use_id: 'srvtoolu_1', content: page }),
    )
    expect(message.parts).toMatchObject([
      { output: page },
      { type: 'source', source: { url: 'https://p.example/', title: 'P' } },
    ])
  })

  it('leave a message that pauses unfinished by them', () => {
    const { message } = read(start(), open(0, search), close(0), finish('pause_turn'))
    expect(message).toMatchObject({ finishReason: 'other', rawFinishReason: 'pause_turn' })
  })
})

describe('other blocks', () => {
  it('are data; a summary that makes room grows into its block', () => {
    const { message } = read(
      start(),
      open(0, { type: 'compaction', content: null }),
      grow(0, { type: 'compaction_delta', content: 'Summary', encrypted_content: 'x' }),
      close(0),
      open(1, { type: 'container_upload', file_id: 'file_1' }),
      close(1),
    )
    expect(message.parts).toMatchObject([
      {
        type: 'data',
        name: 'compaction',
        data: { type: 'compaction', content: 'Summary', encrypted_content: 'x' },
      },
      { type: 'data', name: 'container_upload', data: { file_id: 'file_1' } },
    ])
  })
})

describe('usage', () => {
  it('adds the cache to the input; the last counts win, and null is no count', () => {
    const { message } = read(
      start({
        usage: {
          input_tokens: 4,
          cache_read_input_tokens: 1000,
          cache_creation_input_tokens: 165,
          output_tokens: 1,
        },
      }),
      finish('end_turn', {
        input_tokens: null,
        cache_read_input_tokens: null,
        output_tokens: 20,
        output_tokens_details: { thinking_tokens: 7 },
      }),
    )
    expect(message.usage).toEqual({
      inputTokens: 1169,
      outputTokens: 20,
      totalTokens: 1189,
      cachedInputTokens: 1000,
      cacheWriteTokens: 165,
      reasoningTokens: 7,
      raw: {
        input_tokens: 4,
        cache_read_input_tokens: 1000,
        cache_creation_input_tokens: 165,
        output_tokens: 20,
        output_tokens_details: { thinking_tokens: 7 },
      },
    })
  })

  it('is not summed where the end repeats the input', () => {
    const { message } = read(
      start({ usage: { input_tokens: 10, output_tokens: 1 } }),
      finish('end_turn', { input_tokens: 12, output_tokens: 5 }),
    )
    expect(message.usage).toMatchObject({ inputTokens: 12, outputTokens: 5, totalTokens: 17 })
  })

  it('contains what making room has cost, which the counts do not, and no other iteration', () => {
    const { message } = read(
      start(),
      finish('end_turn', {
        input_tokens: 23,
        output_tokens: 10,
        iterations: [
          { type: 'compaction', input_tokens: 180, output_tokens: 35 },
          { type: 'message', input_tokens: 23, output_tokens: 10 },
        ],
      }),
    )
    expect(message.usage).toMatchObject({ inputTokens: 203, outputTokens: 45 })
  })
})

describe('the end', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content-filter'],
    ['tool_use', 'tool-calls'],
    ['pause_turn', 'other'],
    ['compaction', 'other'],
  ])('%s is %s', (raw, finishReason) => {
    expect(read(start(), finish(raw)).message).toMatchObject({ finishReason, rawFinishReason: raw })
  })

  it('says why it refuses, if it does', () => {
    const { message } = read(
      start(),
      finish('refusal', undefined, { stop_details: { type: 'refusal', explanation: 'Not this.' } }),
    )
    expect(message.parts).toEqual([{ type: 'refusal', text: 'Not this.' }])
  })

  it('may be an error after text, which stays', () => {
    const { message } = read(start(), ...text(0, 'a'), {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
      request_id: 'req_1',
    })
    expect(message).toMatchObject({
      parts: [{ text: 'a' }],
      error: { code: 'provider', message: 'Overloaded', providerCode: 'overloaded_error' },
    })
    expect(message.finishReason).toBeUndefined()
  })

  it('is an error where another message begins; the same one again is ignored', () => {
    const again = read(
      start({ usage: { input_tokens: 1, output_tokens: 1 } }),
      ...text(0, 'a'),
      start({ usage: { input_tokens: 9, output_tokens: 9 } }),
      ...text(1, 'b'),
    )
    expect(again.message).toMatchObject({ parts: [{ text: 'a' }, { text: 'b' }], usage: { inputTokens: 1 } })
    expect(again.message.error).toBeUndefined()
    expect(read(start(), start({ id: 'msg_2' })).message.error).toMatchObject({ code: 'provider' })
  })
})

describe('a whole stream', () => {
  const toEvents = (...records: readonly Json[]): string =>
    // Anthropic pads its lines.
    records.map((each) => `event: ${String(each['type'])}\ndata: ${JSON.stringify(each)}   \n\n`).join('')
  const records = [start(), ...text(0, 'Hello'), finish('end_turn'), { type: 'message_stop' }]
  const whole = {
    id: 'msg_1',
    type: 'message',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
  }

  it.each([
    ['events', 'text/event-stream', toEvents(...records)],
    ['one answer that was not streamed', 'application/json', JSON.stringify(whole)],
  ])('is recognised as %s', async (_, type, body) => {
    const fetch = createScriptedFetch({ body, headers: { 'content-type': type } })
    const message = await streamMessage('https://x/', { fetch, dialect: 'auto' }).finished
    expect(message).toMatchObject({
      id: 'msg_1',
      status: 'done',
      finishReason: 'stop',
      parts: [{ type: 'text', text: 'Hello' }],
    })
  })

  it('ends with message_stop, though the connection stays', async () => {
    const fetch = createScriptedFetch({ body: toEvents(...records), hang: true })
    const message = await streamMessage('https://x/', { fetch }).finished
    expect(message.status).toBe('done')
  })

  it('that breaks off is no answer', async () => {
    const fetch = createScriptedFetch({ body: toEvents(start(), ...text(0, 'a')) })
    const stream = streamMessage('https://x/', { fetch, retry: false })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'a' }] })
  })

  it('may be one answer with a call, a result and usage', () => {
    const { message } = read({
      ...whole,
      content: [{ type: 'thinking', thinking: 'Hm', signature: 's' }, tool('a', { input: { x: 1 } })],
      stop_reason: 'tool_use',
      usage: { input_tokens: 3, output_tokens: 4 },
    })
    expect(message).toMatchObject({
      finishReason: 'tool-calls',
      usage: { totalTokens: 7 },
      parts: [
        { type: 'reasoning', text: 'Hm', providerMetadata: { anthropic: { signature: 's' } } },
        { toolCallId: 'a', input: { x: 1 } },
      ],
    })
  })
})

describe('a hostile record', () => {
  it.each([
    [{}],
    [{ type: 7 }],
    [{ type: 'message_start', message: 7 }],
    [{ type: 'content_block_start', index: { toString: 7 }, content_block: null }],
    [
      {
        type: 'content_block_start',
        index: { toString: 7 },
        content_block: { type: 'text', text: 7, citations: 'x' },
      },
    ],
    [{ type: 'content_block_delta', index: [], delta: { text: [], partial_json: {}, citation: 7 } }],
    [{ type: 'message_delta', delta: null, usage: 'x' }],
    [{ type: 'message', content: [null, 7, { type: 7 }] }],
  ])('is read as empty: %j', (record) => {
    expect(read(record as Json).message.parts).toEqual([])
  })

  it('is never an error, and its deltas always apply', () => {
    const names = fc.constantFrom(
      'type',
      'index',
      'message',
      'id',
      'model',
      'content',
      'content_block',
      'delta',
      'text',
      'thinking',
      'signature',
      'data',
      'name',
      'input',
      'tool_use_id',
      'is_error',
      'partial_json',
      'citation',
      'citations',
      'url',
      'file_id',
      'usage',
      'iterations',
      'input_tokens',
      'stop_details',
      '__proto__',
      'polluted',
    )
    const value = looseJson(names, [
      'tool_use',
      'mcp_tool_use',
      'web_search_tool_result',
      'thinking',
      'redacted_thinking',
      'compaction',
      'message',
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
    ])
    const record = fc
      .tuple(
        fc.constantFrom(
          {},
          start(),
          open(0, { type: 'text' }),
          open(0, tool('a')),
          close(0),
          finish('tool_use'),
        ),
        value,
      )
      .map(([first, rest]) => ({ ...first, ...(rest as object) }))
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (records) => {
        expect(read(...(records as Json[])).message.role).toBe('assistant')
        expect(({} as Json)['polluted']).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })
})
