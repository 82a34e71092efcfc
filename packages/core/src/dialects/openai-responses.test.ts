import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looseJson } from '../../test/loose-json.ts'
import { readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { streamMessage } from '../stream-message.ts'
import { openaiResponses } from './openai-responses.ts'

type Json = Record<string, unknown>

const read = (...records: readonly Json[]): ReadRecords => readRecords(openaiResponses, records, true)

const created = (model = 'gpt'): Json => ({
  type: 'response.created',
  response: { id: 'resp_1', model, status: 'in_progress', output: [] },
})
const added = (output_index: number, item: Json): Json => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const done = (output_index: number, item: Json): Json => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const grow = (type: string, output_index: number, delta: string, more: Json = {}): Json => ({
  type: `response.${type}.delta`,
  output_index,
  delta,
  ...more,
})
const end = (status: string, more: Json = {}): Json => ({
  type: `response.${status}`,
  response: { id: 'resp_1', model: 'gpt', status, ...more },
})
const words = (index: number, delta: string, content_index = 0): Json =>
  grow('output_text', index, delta, { content_index })
const message = (text: string, more: Json = {}): Json => ({
  type: 'message',
  id: 'msg_1',
  content: [{ type: 'output_text', text, annotations: [] }],
  ...more,
})
const call = (call_id: string, args = '', more: Json = {}): Json => ({
  type: 'function_call',
  id: `fc_${call_id}`,
  call_id,
  name: 'weather',
  arguments: args,
  ...more,
})
const args = (index: number, delta: string): Json => grow('function_call_arguments', index, delta)

describe('text', () => {
  it('becomes a part for each content, after a start, and is not read again from the whole', () => {
    const { deltas, ended } = read(
      created(),
      { type: 'response.in_progress', response: { id: 'resp_1' } },
      added(0, { type: 'message', content: [] }),
      { type: 'response.content_part.added', output_index: 0, content_index: 0, part: { text: '' } },
      words(0, 'Hel'),
      words(0, 'lo'),
      { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' },
      words(0, 'there', 1),
      done(0, message('Hello')),
      end('completed', { output: [message('Hello')] }),
    )
    expect(deltas).toEqual([
      { type: 'start', id: 'resp_1', model: 'gpt', dialect: 'openai-responses' },
      { type: 'text-delta', part: 0, delta: 'Hel' },
      { type: 'text-delta', part: 0, delta: 'lo' },
      { type: 'text-delta', part: 1, delta: 'there' },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'completed' },
    ])
    expect(ended).toBe(true)
  })

  it('is taken from the item, or from the response, if no piece came', () => {
    expect(read(created(), done(0, message('a'))).message.parts).toEqual([{ type: 'text', text: 'a' }])
    const late = read(created(), end('completed', { output: [message('a')] }))
    expect(late.message.parts).toEqual([{ type: 'text', text: 'a' }])
  })

  it('says which phase it belongs to', () => {
    const { message: answer } = read(created(), words(0, 'a'), done(0, message('a', { phase: 'commentary' })))
    expect(answer.parts).toEqual([
      { type: 'text', text: 'a', providerMetadata: { openai: { phase: 'commentary' } } },
    ])
  })

  it('may be a refusal', () => {
    const refusal = { type: 'message', content: [{ type: 'refusal', refusal: 'I cannot.' }] }
    const pieces = read(created(), grow('refusal', 0, 'I '), grow('refusal', 0, 'cannot.'), done(0, refusal))
    expect(pieces.message.parts).toEqual([{ type: 'refusal', text: 'I cannot.' }])
    expect(read(created(), done(0, refusal)).message.parts).toEqual(pieces.message.parts)
  })

  it('has its annotations as sources, each once', () => {
    const url = { type: 'url_citation', url: 'https://a.example/', title: 'A' }
    const { message: answer } = read(
      created(),
      words(0, 'a'),
      { type: 'response.output_text.annotation.added', output_index: 0, annotation: url },
      done(0, {
        type: 'message',
        content: [
          { text: 'a', annotations: [url, { type: 'file_citation', file_id: 'f1', filename: 'b.pdf' }] },
        ],
      }),
    )
    expect(answer.parts).toEqual([
      { type: 'text', text: 'a' },
      { type: 'source', source: { url: 'https://a.example/', title: 'A' } },
      { type: 'source', source: { id: 'f1', title: 'b.pdf' } },
    ])
  })
})

describe('reasoning', () => {
  it('has its summaries apart, and what only the provider can read for the round trip', () => {
    const summary = (summary_index: number, delta: string): Json =>
      grow('reasoning_summary_text', 0, delta, { summary_index })
    const item = {
      type: 'reasoning',
      id: 'rs_1',
      encrypted_content: 'x==',
      summary: [{ text: 'ab' }, { text: 'c' }],
    }
    const openai = { itemId: 'rs_1', encryptedContent: 'x==' }
    const { message: answer } = read(
      created(),
      summary(0, 'a'),
      summary(0, 'b'),
      summary(1, 'c'),
      done(0, item),
    )
    expect(answer.parts).toEqual([{ type: 'reasoning', text: 'ab\n\nc', providerMetadata: { openai } }])
    expect(read(created(), done(0, item)).message.parts).toEqual(answer.parts)
    const silent = read(created(), done(0, { ...item, summary: [] }))
    expect(silent.message.parts).toEqual([{ type: 'reasoning', text: '', providerMetadata: { openai } }])
  })

  it('may come as it is thought, and while the answer is written', () => {
    const { message: answer } = read(
      created(),
      grow('reasoning_text', 0, 'Hm', { content_index: 0 }),
      words(1, 'Y'),
      grow('reasoning_text', 0, '!', { content_index: 0 }),
      words(1, 'es'),
      done(0, { type: 'reasoning', content: [{ text: 'Hm!' }] }),
      done(1, message('Yes')),
    )
    expect(answer.parts).toEqual([
      { type: 'reasoning', text: 'Hm!' },
      { type: 'text', text: 'Yes' },
    ])
  })
})

describe('calls', () => {
  it('stream their arguments, whatever becomes of the item ids', () => {
    const { deltas } = read(
      created(),
      added(0, call('call_1')),
      { ...args(0, '{"city":'), item_id: 'other' },
      { ...args(0, '"Oslo"}'), item_id: 'another' },
      done(0, { ...call('call_1', '{"city":"Oslo"}'), id: 'a third' }),
      end('completed'),
    )
    expect(deltas.slice(1)).toEqual([
      { type: 'tool-input-start', part: 0, toolCallId: 'call_1', toolName: 'weather' },
      { type: 'tool-input-delta', part: 0, delta: '{"city":' },
      { type: 'tool-input-delta', part: 0, delta: '"Oslo"}' },
      { type: 'tool-input-available', part: 0, input: { city: 'Oslo' } },
      { type: 'finish', finishReason: 'tool-calls', rawFinishReason: 'completed' },
    ])
  })

  it('may come whole, with no arguments, and two at one place', () => {
    const { message: answer } = read(
      created(),
      words(0, 'Both.'),
      done(0, call('a', '{"x":1}')),
      added(0, call('b')),
      args(0, '{"x":2}'),
      done(0, call('b', '{"x":2}')),
      done(0, call('c')),
    )
    expect(answer.parts).toMatchObject([
      { text: 'Both.' },
      { toolCallId: 'a', input: { x: 1 } },
      { toolCallId: 'b', input: { x: 2 } },
      { toolCallId: 'c', input: {} },
    ])
  })

  it('may be custom: their input is text', () => {
    const item = { type: 'custom_tool_call', id: 'ct_1', call_id: 'a', name: 'sql', input: '' }
    const { message: answer } = read(
      created(),
      added(0, item),
      grow('custom_tool_call_input', 0, 'SELECT 1'),
      done(0, { ...item, input: 'SELECT 1' }),
      end('completed'),
    )
    expect(answer).toMatchObject({
      finishReason: 'tool-calls',
      parts: [
        { toolCallId: 'a', input: 'SELECT 1', providerMetadata: { openai: { type: 'custom_tool_call' } } },
      ],
    })
    expect(answer.parts).toMatchObject([{ providerExecuted: undefined }])
  })

  it('may be ones for the caller to run a shell, a patch, a computer or a search for tools', () => {
    const { message: answer } = read(
      created(),
      done(0, {
        type: 'shell_call',
        call_id: 'a',
        action: { commands: ['ls'] },
        environment: { type: 'local' },
      }),
      done(1, { type: 'apply_patch_call', call_id: 'b', operation: { type: 'delete_file', path: 'x' } }),
      done(2, { type: 'computer_call', call_id: 'c', actions: [{ type: 'wait' }] }),
      done(3, { type: 'tool_search_call', call_id: 'd', execution: 'client', arguments: { goal: 'x' } }),
    )
    expect(answer.parts).toMatchObject([
      { toolName: 'shell', input: { commands: ['ls'] }, state: 'input-available' },
      { toolName: 'apply_patch', input: { path: 'x' } },
      { toolName: 'computer', input: [{ type: 'wait' }] },
      { toolName: 'tool_search', input: { goal: 'x' } },
    ])
    for (const part of answer.parts) expect(part).toMatchObject({ providerExecuted: undefined })
  })

  it('that were cut are not ready', () => {
    const cut = { status: 'incomplete' }
    const { message: answer } = read(
      created(),
      added(0, call('a')),
      args(0, '{"ci'),
      done(0, call('a', '{"ci', cut)),
      added(1, call('b')),
      done(1, call('b', '', cut)),
      end('incomplete', { incomplete_details: { reason: 'max_output_tokens' } }),
    )
    expect(answer).toMatchObject({ finishReason: 'length', parts: [{ invalid: true }, { invalid: true }] })
  })
})

describe('tools that run on the server', () => {
  it('have what they were asked and what they gave', () => {
    const { message: answer } = read(
      created(),
      done(0, {
        type: 'web_search_call',
        id: 'ws_1',
        status: 'completed',
        action: { type: 'search', query: 'a', sources: [{ type: 'url', url: 'https://a.example/' }] },
      }),
      done(1, { type: 'file_search_call', id: 'fs_1', queries: ['b'], results: [{ file_id: 'f' }] }),
      added(2, { type: 'code_interpreter_call', id: 'ci_1', code: '' }),
      grow('code_interpreter_call_code', 2, '1+1'),
      done(2, {
        type: 'code_interpreter_call',
        id: 'ci_1',
        code: '1+1',
        outputs: [{ type: 'logs', logs: '2' }],
      }),
      added(3, { type: 'mcp_call', id: 'mcp_1', name: 'echo', arguments: '' }),
      grow('mcp_call_arguments', 3, '{"a":1}'),
      done(3, { type: 'mcp_call', id: 'mcp_1', name: 'echo', arguments: '{"a":1}', output: 'A' }),
      done(4, { type: 'mcp_call', id: 'mcp_2', name: 'echo', arguments: '{}', error: 'No.' }),
      end('completed'),
    )
    expect(answer.finishReason).toBe('stop')
    const tools = answer.parts.filter((part) => part.type === 'tool')
    expect(tools).toMatchObject([
      { toolName: 'web_search', toolCallId: 'ws_1', input: { query: 'a' }, state: 'output-available' },
      { toolName: 'file_search', input: { queries: ['b'] }, output: [{ file_id: 'f' }] },
      { toolName: 'code_interpreter', input: { code: '1+1' }, output: [{ logs: '2' }] },
      { toolName: 'echo', input: { a: 1 }, output: 'A' },
      { toolName: 'echo', output: 'No.', state: 'output-error' },
    ])
    for (const tool of tools) expect(tool.providerExecuted).toBe(true)
    expect(answer.parts[1]).toEqual({ type: 'source', source: { url: 'https://a.example/' } })
  })

  it('may have their arguments as a call has, or an action beside empty ones', () => {
    const { message: answer } = read(
      created('grok-4'),
      done(0, { type: 'web_search_call', id: 'a', name: 'web_search', arguments: '{"query":"x"}' }),
      done(1, { type: 'web_search_call', id: 'b', arguments: '', action: { query: 'y' } }),
      done(2, { type: 'custom_tool_call', call_id: 'c', name: 'x_keyword_search', input: '{"query":"z"}' }),
      end('completed', { model: 'grok-4' }),
    )
    expect(answer).toMatchObject({
      finishReason: 'stop',
      parts: [
        { input: { query: 'x' }, providerExecuted: true },
        { input: { query: 'y' }, providerExecuted: true },
        { toolName: 'x_keyword_search', providerExecuted: true },
      ],
    })
  })

  it('may be a shell, whose output is an item of its own', () => {
    const environment = { type: 'container_reference', container_id: 'cntr_1' }
    const output = [{ stdout: 'x', stderr: '', outcome: { type: 'exit', exit_code: 0 } }]
    const { message: answer } = read(
      created(),
      done(0, { type: 'shell_call', id: 'sh_1', call_id: 'a', action: { commands: ['ls'] }, environment }),
      done(1, { type: 'shell_call_output', id: 'sho_1', call_id: 'a', output }),
      end('completed'),
    )
    expect(answer).toMatchObject({
      finishReason: 'stop',
      parts: [{ toolCallId: 'a', providerExecuted: true, state: 'output-available', output }],
    })
  })

  it('may make a picture', () => {
    const { message: answer } = read(
      created(),
      added(0, { type: 'image_generation_call', id: 'ig_1' }),
      { type: 'response.image_generation_call.partial_image', output_index: 0, partial_image_b64: 'BB' },
      done(0, { type: 'image_generation_call', id: 'ig_1', result: 'AAAA', output_format: 'webp' }),
    )
    expect(answer.parts).toMatchObject([
      { toolName: 'image_generation', state: 'output-available' },
      { type: 'file', url: 'data:image/webp;base64,AAAA', mediaType: 'image/webp' },
    ])
  })

  it('may ask for leave first, which is data, as is what else there is', () => {
    const item = { type: 'mcp_approval_request', id: 'mcpr_1', name: 'pay', arguments: '{}' }
    const { message: answer } = read(created(), done(0, item), end('completed'))
    expect(answer).toMatchObject({
      finishReason: 'stop',
      parts: [{ type: 'data', name: 'mcp_approval_request', id: 'mcpr_1', data: item }],
    })
  })
})

describe('usage', () => {
  it('has totals already', () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 15 },
      total_tokens: 30,
      cost_in_usd_ticks: 5e9,
    }
    expect(read(created(), end('completed', { usage })).message.usage).toEqual({
      inputTokens: 10,
      outputTokens: 20,
      totalTokens: 30,
      cachedInputTokens: 4,
      cacheWriteTokens: 2,
      reasoningTokens: 15,
      cost: 0.5,
      raw: usage,
    })
  })
})

describe('the end', () => {
  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content-filter'],
  ])('that came early by %s is %s', (reason, finishReason) => {
    const { message: answer } = read(created(), end('incomplete', { incomplete_details: { reason } }))
    expect(answer).toMatchObject({ finishReason, rawFinishReason: reason })
  })

  it('is an error where the response failed, and says it', () => {
    const { message: answer, ended } = read(
      created(),
      words(0, 'a'),
      end('failed', { error: { code: 'server_error', message: 'Broken' } }),
    )
    expect(answer).toMatchObject({
      parts: [{ text: 'a' }],
      finishReason: 'error',
      error: { code: 'provider', message: 'Broken', providerCode: 'server_error' },
    })
    expect(ended).toBe(true)
  })

  it.each([
    ['flat', { code: 'server_error', message: 'Broken', param: null }],
    ['nested', { error: { type: 'server_error', code: null, message: 'Broken' } }],
  ])('is an error event, %s', (_, error) => {
    const { message: answer } = read(created(), words(0, 'a'), { type: 'error', ...error })
    expect(answer).toMatchObject({
      parts: [{ text: 'a' }],
      error: { message: 'Broken', providerCode: 'server_error' },
    })
    expect(answer.finishReason).toBeUndefined()
  })
})

describe('a whole stream', () => {
  const toEvents = (...records: readonly Json[]): string =>
    records.map((each) => `event: ${String(each['type'])}\ndata: ${JSON.stringify(each)}\n\n`).join('')
  const records = [created(), added(0, { type: 'message' }), words(0, 'Hello'), done(0, message('Hello'))]
  const whole = { object: 'response', id: 'resp_1', status: 'completed', output: [message('Hello')] }

  it.each([
    ['events', 'text/event-stream', toEvents(...records, end('completed'))],
    ['one answer that was not streamed', 'application/json', JSON.stringify(whole)],
  ])('is recognised as %s', async (_, type, body) => {
    const fetch = createScriptedFetch({ body, headers: { 'content-type': type } })
    const answer = await streamMessage('https://x/', { fetch, dialect: 'auto' }).finished
    expect(answer).toMatchObject({
      id: 'resp_1',
      status: 'done',
      finishReason: 'stop',
      parts: [{ type: 'text', text: 'Hello' }],
    })
  })

  it('ends with its last event, though the connection stays', async () => {
    const fetch = createScriptedFetch({ body: toEvents(...records, end('completed')), hang: true })
    expect((await streamMessage('https://x/', { fetch }).finished).status).toBe('done')
  })

  it('that breaks off is no answer', async () => {
    const fetch = createScriptedFetch({ body: toEvents(...records) })
    const stream = streamMessage('https://x/', { fetch, retry: false })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'Hello' }] })
  })

  it('may be one answer with reasoning, calls and usage', () => {
    const { message: answer } = read({
      ...whole,
      output: [{ type: 'reasoning', id: 'rs_1', summary: [{ text: 'Hm' }] }, call('a', '{"x":1}')],
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
    })
    expect(answer).toMatchObject({
      finishReason: 'tool-calls',
      usage: { totalTokens: 3 },
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { toolCallId: 'a', input: { x: 1 } },
      ],
    })
  })
})

describe('a hostile record', () => {
  it.each([
    [{}],
    [{ type: 7 }],
    [{ type: 'response.created', response: 7 }],
    [
      {
        type: 'response.output_text.delta',
        output_index: { toString: 7 },
        content_index: { toString: 7 },
        delta: 7,
      },
    ],
    [{ type: 'response.output_item.added', output_index: [], item: null }],
    [
      {
        type: 'response.output_item.done',
        item: { type: 'message', content: [null, 7, { text: {}, annotations: 7 }] },
      },
    ],
    [{ type: 'response.completed', response: { output: 7, usage: 'x', incomplete_details: 7 } }],
  ])('is read as empty: %j', (record) => {
    expect(read(record as Json).message.parts).toEqual([])
  })

  it('is never an error, and its deltas always apply', () => {
    const names = fc.constantFrom(
      'type',
      'output_index',
      'content_index',
      'summary_index',
      'item',
      'delta',
      'id',
      'call_id',
      'name',
      'arguments',
      'input',
      'action',
      'sources',
      'code',
      'queries',
      'output',
      'result',
      'error',
      'status',
      'summary',
      'content',
      'text',
      'annotations',
      'annotation',
      'encrypted_content',
      'phase',
      'response',
      'usage',
      'model',
      'execution',
      'environment',
      '__proto__',
      'polluted',
    )
    const value = looseJson(names, [
      'function_call',
      'mcp_call',
      'image_generation_call',
      'reasoning',
      'message',
      'completed',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_text.delta',
      'response.completed',
    ])
    const record = fc
      .tuple(
        fc.constantFrom(
          {},
          created(),
          added(0, call('a')),
          args(0, '{'),
          done(0, call('a')),
          done(0, message('a')),
          end('completed'),
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
