import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { messageText } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { MessageDelta } from '../types.ts'
import { agUi } from './ag-ui.ts'

const read = (...records: readonly Record<string, unknown>[]): ReadRecords => readRecords(agUi, records)

const started = { type: 'RUN_STARTED', threadId: 't', runId: 'r1' }
const finished = { type: 'RUN_FINISHED', threadId: 't', runId: 'r1' }
const say = (messageId: string, delta: string, role = 'assistant'): Record<string, unknown>[] => [
  { type: 'TEXT_MESSAGE_START', messageId, role },
  { type: 'TEXT_MESSAGE_CONTENT', messageId, delta },
  { type: 'TEXT_MESSAGE_END', messageId },
]
const call = (toolCallId: string, args = '{"a":1}'): Record<string, unknown>[] => [
  { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'f', parentMessageId: 'm1' },
  { type: 'TOOL_CALL_ARGS', toolCallId, delta: args },
  { type: 'TOOL_CALL_END', toolCallId },
]
const result = (toolCallId: string): Record<string, unknown> => ({
  type: 'TOOL_CALL_RESULT',
  messageId: 'm9',
  toolCallId,
  content: '21',
})

describe('text', () => {
  it('is a part for each message', () => {
    const { deltas, message } = read(started, ...say('m1', 'One'), ...say('m2', 'Two'), finished)
    expect(deltas[0]).toEqual({ type: 'start', id: 'r1', model: '', dialect: 'ag-ui' })
    expect(message).toMatchObject({
      parts: [
        { type: 'text', text: 'One' },
        { type: 'text', text: 'Two' },
      ],
      finishReason: 'stop',
      rawFinishReason: 'finished',
    })
  })

  it.each(['user', 'system', 'developer'])('of a %s is none of the answer', (role) => {
    const chunks = [
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm2', role, delta: 'x' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'y' },
    ]
    expect(messageText(read(...say('m1', 'z', role), ...chunks, ...say('m3', 'Hi')).message)).toBe('Hi')
  })

  it('goes on in chunks without an id, each subagent with its own', () => {
    const chunk = (delta: string, rest: object = {}): Record<string, unknown> => ({
      type: 'TEXT_MESSAGE_CHUNK',
      delta,
      ...rest,
    })
    const { message } = read(
      chunk('One', { messageId: 'm1' }),
      chunk('Two', { messageId: 'm2', subagentRunId: 's' }),
      chunk('.', {}),
      chunk('!', { subagentRunId: 's' }),
    )
    expect(message.parts).toEqual([
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two!' },
    ])
  })

  it('is not told again by a snapshot of the messages', () => {
    const messages = [
      { id: 'u', role: 'user', content: 'Hi' },
      { id: 'other', role: 'assistant', content: 'Hello' },
    ]
    const { message } = read(
      started,
      ...say('m1', 'Hello'),
      { type: 'MESSAGES_SNAPSHOT', messages },
      finished,
    )
    expect(message.parts).toEqual([
      { type: 'text', text: 'Hello' },
      { type: 'data', name: 'MESSAGES_SNAPSHOT', id: 'MESSAGES_SNAPSHOT', data: messages },
    ])
  })

  it('comes from the last snapshot of an agent that streamed nothing, without what was said before', () => {
    const before = [
      { id: 'a', role: 'assistant', content: 'Before' },
      { id: 'u', role: 'user', content: 'Hi' },
    ]
    const toolCalls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }]
    const { message } = read(
      started,
      { type: 'MESSAGES_SNAPSHOT', messages: before },
      {
        type: 'MESSAGES_SNAPSHOT',
        messages: [...before, { id: 'b', role: 'assistant', content: 'Hello', toolCalls }],
      },
      finished,
    )
    expect(messageText(message)).toBe('Hello')
    expect(message.parts).toContainEqual(expect.objectContaining({ toolCallId: 'c1', input: { a: 1 } }))
    expect(message.finishReason).toBe('tool-calls')
  })
})

describe('reasoning', () => {
  it('is told by events of its own, old and new', () => {
    const { message } = read(
      { type: 'REASONING_START', messageId: 'r' },
      { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'Hm' },
      { type: 'REASONING_MESSAGE_CHUNK', delta: '.' },
      { type: 'REASONING_END', messageId: 'r' },
      ...say('m1', 'Yes'),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Yes' },
    ])
    const thinking = { type: 'THINKING_TEXT_MESSAGE_CONTENT', delta: 'Hm' }
    expect(read({ type: 'THINKING_START' }, thinking, ...say('m1', 'Yes')).message.parts).toMatchObject([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
    ])
  })

  it('that is encrypted is data, for whoever sends it back', () => {
    const value = { subtype: 'tool-call', entityId: 'c1', encryptedValue: 'xyz' }
    const { message } = read(...call('c1'), { type: 'REASONING_ENCRYPTED_VALUE', ...value })
    expect(message.parts[1]).toMatchObject({ name: 'REASONING_ENCRYPTED_VALUE', data: value })
  })
})

describe('tool calls', () => {
  it('wait for the client when nobody has answered them', () => {
    const { message } = read(started, ...call('c1'), finished)
    expect(message).toMatchObject({
      parts: [{ toolCallId: 'c1', toolName: 'f', state: 'input-available', input: { a: 1 } }],
      finishReason: 'tool-calls',
      rawFinishReason: 'finished',
    })
  })

  it('that the agent has answered do not', () => {
    const { message } = read(started, ...call('c1'), result('c1'), ...say('m1', '21 degrees'), finished)
    expect(message.parts[0]).toMatchObject({ state: 'output-available', output: '21' })
    expect(message.finishReason).toBe('stop')
  })

  it('come in chunks', () => {
    const { message } = read(
      started,
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', toolCallName: 'f', delta: '{"a"' },
      { type: 'TOOL_CALL_CHUNK', delta: ':1}' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c2', toolCallName: 'g' },
      finished,
    )
    expect(message.parts).toMatchObject([
      { toolCallId: 'c1', input: { a: 1 } },
      { toolCallId: 'c2', toolName: 'g', input: {} },
    ])
  })
})

describe('data', () => {
  it('has the names of the protocol; a snapshot takes the place of the one before', () => {
    const patch = [{ op: 'replace', path: '/n', value: 2 }]
    const { message, deltas } = read(
      { type: 'STATE_SNAPSHOT', snapshot: { n: 0 } },
      { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } },
      { type: 'STATE_DELTA', delta: patch },
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'a', activityType: 'PLAN', content: { done: 0 }, timestamp: 1 },
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'a', activityType: 'PLAN', content: { done: 1 } },
      { type: 'CUSTOM', name: 'x', value: { y: 1 } },
      { type: 'STEP_STARTED', stepName: 's' },
      { type: 'RAW', event: { z: 1 } },
    )
    expect(message.parts).toEqual([
      { type: 'data', name: 'STATE_SNAPSHOT', id: 'STATE_SNAPSHOT', data: { n: 1 } },
      { type: 'data', name: 'STATE_DELTA', data: patch },
      {
        type: 'data',
        name: 'ACTIVITY_SNAPSHOT',
        id: 'a',
        data: { messageId: 'a', activityType: 'PLAN', content: { done: 1 } },
      },
      { type: 'data', name: 'CUSTOM', data: { name: 'x', value: { y: 1 } } },
    ])
    expect(deltas.slice(-2)).toMatchObject([
      { name: 'STEP_STARTED', transient: true },
      { name: 'RAW', transient: true },
    ])
  })
})

describe('the end', () => {
  it('has the usage of all models', () => {
    const usage = [
      { model: 'a', inputTokens: 9, outputTokens: 4, totalTokens: 13, cachedInputTokens: 2 },
      {
        model: 'b',
        inputTokens: 1,
        outputTokens: 2,
        totalTokens: 3,
        reasoningTokens: 1,
        cacheWriteInputTokens: 1,
      },
    ]
    expect(read(started, ...say('m1', 'Hi'), { ...finished, usage }).message.usage).toEqual({
      inputTokens: 10,
      outputTokens: 6,
      totalTokens: 16,
      cachedInputTokens: 2,
      cacheWriteTokens: 1,
      reasoningTokens: 1,
      raw: usage,
    })
  })

  it('is an interrupt, in either form', () => {
    const interrupts = [{ id: 'i', reason: 'approval' }]
    const now = read(started, ...call('c1'), { ...finished, outcome: { type: 'interrupt', interrupts } })
    expect(now.message).toMatchObject({ finishReason: 'tool-calls', rawFinishReason: 'finished' })
    expect(now.message.parts[1]).toEqual({
      type: 'data',
      name: 'interrupt',
      id: 'interrupt',
      data: interrupts,
    })
    const draft = read(started, { ...finished, outcome: 'interrupt', interrupt: interrupts[0] })
    expect(draft.message).toMatchObject({
      finishReason: 'stop',
      parts: [{ name: 'interrupt', data: interrupts[0] }],
    })
  })

  it('is a cancellation, or has a result', () => {
    expect(read(started, { ...finished, outcome: { type: 'cancelled' } }).message.finishReason).toBe(
      'aborted',
    )
    const { parts } = read(started, { ...finished, result: { ok: true } }).message
    expect(parts).toEqual([{ type: 'data', name: 'result', id: 'result', data: { ok: true } }])
  })

  it('is an error, and what came before it stays', () => {
    const { message } = read(started, ...say('m1', 'Hi'), {
      type: 'RUN_ERROR',
      message: 'Boom',
      code: 'E_UP',
    })
    expect(message.error).toMatchObject({ code: 'provider', message: 'Boom', providerCode: 'E_UP' })
    expect(messageText(message)).toBe('Hi')
    expect(read({ type: 'RUN_ERROR', message: 'Boom' }).message.error?.providerCode).toBeUndefined()
  })
})

describe('TanStack AI', () => {
  const turn = { ...finished, finishReason: 'tool_calls', usage: { promptTokens: 3, completionTokens: 2 } }
  const types = (deltas: readonly MessageDelta[]): string[] => deltas.map(({ type }) => type)

  it('ends each turn like a run; the last one is the end', () => {
    const { deltas, message } = read(
      started,
      ...call('c1'),
      turn,
      { type: 'TOOL_CALL_END', toolCallId: 'c1', result: '21' },
      started,
      ...say('m1', 'Warm'),
      { ...finished, metadata: { tanstack: { finishReason: 'length' } }, usage: [{ inputTokens: 5 }] },
    )
    expect(types(deltas).filter((type) => type === 'finish')).toHaveLength(1)
    expect(message).toMatchObject({ finishReason: 'length', usage: { inputTokens: 5 } })
    expect(message.parts[0]).toMatchObject({ output: '21', input: { a: 1 } })
  })

  it('is not at its end after a turn', () => {
    expect(types(read(started, ...call('c1'), turn).deltas)).not.toContain('finish')
  })

  it.each(['before', 'after'])(
    'is at its end when the client is to run a tool, which is said %s it',
    (when) => {
      const ask = { type: 'CUSTOM', name: 'tool-input-available', data: { toolCallId: 'c1' } }
      const order = when === 'before' ? [ask, turn] : [turn, ask]
      expect(read(started, ...call('c1'), ...order).message).toMatchObject({
        finishReason: 'tool-calls',
        rawFinishReason: 'tool_calls',
        usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      })
    },
  )

  it('has its error in an object of its own', () => {
    const { error } = read({ type: 'RUN_ERROR', error: { message: 'Boom', code: 'E' } }).message
    expect(error).toMatchObject({ message: 'Boom', providerCode: 'E' })
  })
})

describe('a stream', () => {
  const body = (...records: readonly object[]): string[] =>
    records.map((each) => `data: ${JSON.stringify(each)}\n\n`)

  it('is recognised', async () => {
    const fetch = createScriptedFetch({ body: body(started, ...say('m1', 'Hello'), finished) })
    const message = await streamMessage('https://x.example/', { fetch, dialect: 'auto' }).finished
    expect(message).toMatchObject({
      status: 'done',
      finishReason: 'stop',
      parts: [{ type: 'text', text: 'Hello' }],
    })
  })

  it('is broken without the end of its run', async () => {
    const fetch = createScriptedFetch({ body: body(started, ...say('m1', 'Hello')) })
    const stream = streamMessage('https://x.example/', { fetch, retry: false })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(messageText(stream.message)).toBe('Hello')
  })
})

describe('records that are not as documented', () => {
  const types =
    'RUN_STARTED RUN_FINISHED RUN_ERROR TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT TEXT_MESSAGE_CHUNK TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_END TOOL_CALL_CHUNK TOOL_CALL_RESULT CUSTOM RAW REASONING_MESSAGE_CONTENT REASONING_ENCRYPTED_VALUE STEP_FINISHED MESSAGES_SNAPSHOT STATE_DELTA ACTIVITY_SNAPSHOT STATE_SNAPSHOT SUBAGENT_ERROR THINKING_TEXT_MESSAGE_CONTENT'.split(
      ' ',
    )
  const names = [
    'messageId',
    'role',
    'delta',
    'toolCallId',
    'toolCallName',
    'content',
    'result',
    'usage',
    'outcome',
  ]
  const others = [
    'messages',
    'metadata',
    'error',
    'entityId',
    'encryptedValue',
    'subtype',
    'name',
    'subagentRunId',
  ]
  const message = fc.record({
    id: fc.jsonValue(),
    role: fc.constantFrom('assistant', 'user'),
    content: fc.jsonValue(),
  })
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('a', 'b', '__proto__', 'tool-call', { toString: 1 }),
    fc.array(message),
  )

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
