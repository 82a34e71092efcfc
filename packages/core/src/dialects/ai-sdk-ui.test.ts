import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT, readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { createDeltaWriter } from '../delta-writer.ts'
import { streamMessage } from '../stream-message.ts'
import { aiSdkUi } from './ai-sdk-ui.ts'

const read = (...records: readonly Record<string, unknown>[]): ReadRecords => readRecords(aiSdkUi, records)

const say = (id: string, ...words: readonly string[]): Record<string, unknown>[] => [
  { type: 'text-start', id },
  ...words.map((delta) => ({ type: 'text-delta', id, delta })),
  { type: 'text-end', id },
]
const finish = (finishReason?: string): Record<string, unknown> => ({ type: 'finish', finishReason })

describe('text', () => {
  it('is a part for each id, in any order', () => {
    const { deltas, message } = read(
      { type: 'start', messageId: 'm1' },
      { type: 'start-step' },
      { type: 'text-start', id: 'a' },
      { type: 'text-start', id: 'b' },
      { type: 'text-delta', id: 'a', delta: 'One' },
      { type: 'text-delta', id: 'b', delta: 'Two' },
      { type: 'text-delta', id: 'a', delta: '.' },
    )
    expect(deltas[0]).toEqual({ type: 'start', id: 'm1', model: '', dialect: 'ai-sdk-ui' })
    expect(message.parts).toEqual([
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two' },
    ])
  })

  it('is another part when its id begins again', () => {
    const step = [{ type: 'start-step' }, ...say('0', 'Let me see.'), { type: 'finish-step' }]
    const { message } = read(...step, ...step)
    expect(message.parts.map((part) => part.type)).toEqual(['text', 'text'])
  })

  it('is read though its beginning is missing', () => {
    expect(read({ type: 'text-delta', id: 'x', delta: 'Hi' }).message.parts).toEqual([
      { type: 'text', text: 'Hi' },
    ])
  })

  it('is kept apart from reasoning, of which even an empty one has something to give back', () => {
    const encrypted = { openai: { itemId: 'rs_1', reasoningEncryptedContent: null } }
    const { message } = read(
      { type: 'reasoning-start', id: '1', providerMetadata: encrypted },
      { type: 'reasoning-end', id: '1', providerMetadata: { openai: { done: true } } },
      { type: 'reasoning-start', id: '2' },
      { type: 'reasoning-delta', id: '2', delta: 'Hm.' },
      ...say('1', 'Yes'),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: '', providerMetadata: { openai: { ...encrypted.openai, done: true } } },
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Yes' },
    ])
  })
})

describe('tools', () => {
  const begin = { type: 'tool-input-start', toolCallId: 'c1', toolName: 'add' }
  const available = { ...begin, type: 'tool-input-available', input: { a: 1 } }

  it('have arguments that come in pieces', () => {
    const { message } = read(
      begin,
      { type: 'tool-input-delta', toolCallId: 'c1', inputTextDelta: '{"a":' },
      { type: 'tool-input-delta', toolCallId: 'c1', inputTextDelta: '1}' },
      { ...available, providerMetadata: { google: { thoughtSignature: 's' } } },
      finish('tool-calls'),
    )
    expect(message.finishReason).toBe('tool-calls')
    expect(message.parts).toMatchObject([
      {
        toolCallId: 'c1',
        toolName: 'add',
        state: 'input-available',
        inputText: '{"a":1}',
        input: { a: 1 },
        providerMetadata: { google: { thoughtSignature: 's' } },
      },
    ])
  })

  it('may come whole, be dynamic, and run elsewhere', () => {
    const { message } = read({ ...available, dynamic: true, providerExecuted: true })
    expect(message.parts).toMatchObject([{ input: { a: 1 }, inputText: '{"a":1}', providerExecuted: true }])
  })

  it('give outputs, of which the last one stays', () => {
    const output = { type: 'tool-output-available', toolCallId: 'c1' }
    const { message } = read(
      available,
      { ...output, output: 1, preliminary: true },
      { ...output, output: 2 },
      finish('stop'),
    )
    expect(message.parts).toMatchObject([{ state: 'output-available', output: 2 }])
    // The SDK ran it: nothing waits for the client.
    expect(message.finishReason).toBe('stop')
  })

  it.each([
    ['tool-output-error', 'boom'],
    ['tool-output-denied', 'The call was denied.'],
  ])('fail by %s', (type, output) => {
    const { message } = read(available, { type, toolCallId: 'c1', errorText: 'boom' })
    expect(message.parts).toMatchObject([{ state: 'output-error', isError: true, output, input: { a: 1 } }])
  })

  it('fail by arguments that were no good', () => {
    const { message } = read({ ...begin, type: 'tool-input-error', input: '{"a', errorText: 'not JSON' })
    expect(message.parts).toMatchObject([{ state: 'output-error', input: '{"a', output: 'not JSON' }])
  })

  it('ask for an approval in data', () => {
    const { message } = read(available, { type: 'tool-approval-request', approvalId: 'p1', toolCallId: 'c1' })
    expect(message.parts[1]).toEqual({
      type: 'data',
      name: 'tool-approval-request',
      id: 'p1',
      data: { approvalId: 'p1', toolCallId: 'c1' },
    })
  })
})

describe('a step that is reset', () => {
  it('leaves what was told, marks it, and no call to run', () => {
    const call = { type: 'tool-input-available', toolCallId: 'c1', toolName: 'add', input: {} }
    const step = [...say('0', 'Hello'), call]
    const { message } = read({ type: 'start-step' }, ...step, { type: 'reset-step' }, ...step)
    expect(message.parts).toMatchObject([
      { type: 'text', text: 'Hello' },
      { type: 'tool', state: 'output-error' },
      { type: 'data', name: 'reset-step' },
      { type: 'text', text: 'Hello' },
      { type: 'tool', state: 'input-available', toolCallId: 'c1' },
    ])
  })

  it('says nothing of the calls of a step before it', () => {
    const { message } = read(
      { type: 'tool-input-available', toolCallId: 'c1', toolName: 'add', input: {} },
      { type: 'tool-output-available', toolCallId: 'c1', output: 3 },
      { type: 'start-step' },
      { type: 'reset-step' },
    )
    expect(message.parts[0]).toMatchObject({ state: 'output-available', output: 3 })
  })
})

describe('what else is part of a message', () => {
  it('sources, each once, with what the text says of them', () => {
    const { message } = read(
      { type: 'source-url', sourceId: 's1', url: 'https://a.example/', title: 'A' },
      { type: 'source-url', sourceId: 's2', url: 'https://a.example/', title: 'A' },
      { type: 'source-document', sourceId: 's3', mediaType: 'application/pdf', title: 'Doc' },
      {
        type: 'text-end',
        id: '0',
        citations: [{ source: { sourceType: 'url', id: 'x', url: 'https://b.example/' }, citedText: 'so' }],
      },
    )
    expect(message.parts).toEqual([
      { type: 'source', source: { url: 'https://a.example/', title: 'A' } },
      { type: 'source', source: { id: 's3', title: 'Doc', mediaType: 'application/pdf' } },
      { type: 'source', source: { url: 'https://b.example/', snippet: 'so' } },
    ])
  })

  it('files', () => {
    const { message } = read({ type: 'file', url: 'data:text/plain;base64,aGk=', mediaType: 'text/plain' })
    expect(message.parts).toEqual([
      { type: 'file', url: 'data:text/plain;base64,aGk=', mediaType: 'text/plain' },
    ])
  })

  it('data, replaced by name and id, unless it is transient', () => {
    const { message, deltas } = read(
      { type: 'data-weather', id: 'w', data: { c: null } },
      { type: 'data-note', data: 'psst', transient: true },
      { type: 'data-weather', id: 'w', data: { c: 21 } },
    )
    expect(message.parts).toEqual([{ type: 'data', name: 'weather', id: 'w', data: { c: 21 } }])
    expect(deltas).toContainEqual({ type: 'data', name: 'note', data: 'psst', transient: true })
  })

  it('metadata, merged, in one place', () => {
    const { message } = read(
      { type: 'start', messageMetadata: { model: 'x', usage: { input: 1 } } },
      { type: 'message-metadata', messageMetadata: { usage: { output: 2 }, list: [1, 2] } },
      { type: 'finish', finishReason: 'stop', messageMetadata: { list: [3] } },
    )
    expect(message.parts).toMatchObject([
      { name: 'message-metadata', data: { model: 'x', usage: { input: 1, output: 2 }, list: [3] } },
    ])
    expect(message.usage).toBeUndefined()
  })

  it('metadata that changes no earlier message, nor any prototype', () => {
    const writer = createDeltaWriter('ai-sdk-ui')
    const reader = aiSdkUi.open(writer)
    const metadata = (text: string): void =>
      reader.read(
        JSON.parse(`{"type":"message-metadata","messageMetadata":${text}}`) as Record<string, unknown>,
        EVENT,
      )
    metadata('{"a":{"b":1}}')
    const [, first] = writer.take()
    metadata('{"a":{"c":2,"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}')
    expect(first).toMatchObject({ data: { a: { b: 1 } } })
    expect(JSON.stringify(first)).not.toContain('"c"')
    expect(JSON.stringify(writer.take())).not.toContain('polluted')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('what is of a provider alone', () => {
    const { message } = read({
      type: 'custom',
      kind: 'openai.compaction',
      providerMetadata: { openai: { id: 'c' } },
    })
    expect(message.parts).toEqual([
      {
        type: 'data',
        name: 'custom',
        data: { kind: 'openai.compaction', providerMetadata: { openai: { id: 'c' } } },
      },
    ])
  })
})

describe('the end', () => {
  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content-filter', 'content-filter'],
    ['tool-calls', 'tool-calls'],
    ['interrupted', 'other'],
    ['unknown', 'other'],
  ])('by %s', (said, finishReason) => {
    expect(read(...say('0', 'Hi'), finish(said)).message).toMatchObject({
      finishReason,
      rawFinishReason: said,
    })
  })

  it('has no reason where the wire gives none', () => {
    expect(read(...say('0', 'Hi'), finish()).deltas.map(({ type }) => type)).not.toContain('finish')
  })

  it('is an abort', () => {
    expect(read(...say('0', 'Hi'), { type: 'abort', reason: 'user' }).message.finishReason).toBe('aborted')
  })

  it('is an error, and what came before it stays', () => {
    const { message } = read(...say('0', 'Hi'), { type: 'error', errorText: 'No more money' })
    expect(message.error).toMatchObject({ code: 'provider', message: 'No more money' })
    expect(message.parts).toEqual([{ type: 'text', text: 'Hi' }])
  })
})

describe('a stream', () => {
  const events = [{ type: 'start' }, ...say('0', 'Hel', 'lo'), finish()].map(
    (each) => `data: ${JSON.stringify(each)}\n\n`,
  )

  it('is recognised, and ends with [DONE]', async () => {
    const fetch = createScriptedFetch({ body: [...events, 'data: [DONE]\n\n'] })
    const message = await streamMessage('https://x.example/', { fetch, dialect: 'auto' }).finished
    expect(message).toMatchObject({ status: 'done', parts: [{ type: 'text', text: 'Hello' }] })
  })

  it('is broken without it', async () => {
    const stream = streamMessage('https://x.example/', {
      fetch: createScriptedFetch({ body: events }),
      retry: false,
    })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
  })
})

describe('records that are not as documented', () => {
  const types =
    'start finish start-step reset-step message-metadata error abort custom file data-x text-start text-delta text-end reasoning-start reasoning-delta source-url source-document tool-input-start tool-input-delta tool-input-available tool-input-error tool-output-available tool-output-error tool-output-denied tool-approval-request tool-input- text- data-'.split(
      ' ',
    )
  const names = [
    'id',
    'delta',
    'toolCallId',
    'toolName',
    'input',
    'inputTextDelta',
    'output',
    'errorText',
    'url',
  ]
  const others = [
    'providerMetadata',
    'messageMetadata',
    'messageId',
    'data',
    'transient',
    'citations',
    'finishReason',
  ]
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a', 'b', '__proto__', { toString: 1, valueOf: 1 }))

  it('never throw, and what they become applies', () => {
    const record = fc
      .record(Object.fromEntries([...names, ...others].map((name) => [name, value])), {
        requiredKeys: [],
        noNullPrototype: true,
      })
      .chain((fields) =>
        fc.constantFrom(...types).map((type): Record<string, unknown> => ({ ...fields, type })),
      )
    fc.assert(
      fc.property(fc.array(fc.oneof(record, fc.dictionary(fc.string(), fc.jsonValue()))), (records) => {
        read(...records)
      }),
    )
  })
})
