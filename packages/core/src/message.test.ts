import { describe, expect, it } from 'vitest'
import { StreamError } from './errors.ts'
import { createMessageBuilder, messageText } from './message.ts'
import type { Message, MessageDelta } from './types.ts'

function build(...deltas: readonly MessageDelta[]): Message {
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return builder.snapshot()
}

const text = (delta: string, part = 0): MessageDelta => ({ type: 'text-delta', part, delta })

describe('createMessageBuilder', () => {
  it('begins with an empty, streaming message', () => {
    expect(build()).toEqual({ id: '', role: 'assistant', parts: [], status: 'streaming' })
  })

  it('gives the message an id when the provider gives none', () => {
    expect(build({ type: 'start', dialect: 'x' }).id).toMatch(/^msg_\w+$/)
    expect(build({ type: 'start', dialect: 'x' }).id).not.toBe(build({ type: 'start', dialect: 'x' }).id)
  })

  it('never changes a message that it gave out', () => {
    const builder = createMessageBuilder()
    builder.apply(text('a'))
    const first = builder.snapshot()
    builder.apply(text('b'))
    builder.apply(text('c', 1))
    const second = builder.snapshot()
    builder.close('done')
    expect(first).toMatchObject({ parts: [{ text: 'a' }], status: 'streaming' })
    expect(second).toMatchObject({ parts: [{ text: 'ab' }, { text: 'c' }], status: 'streaming' })
  })

  it('gives out the same message and the same parts where nothing changed', () => {
    const builder = createMessageBuilder()
    builder.apply(text('a'))
    builder.apply(text('b', 1))
    const first = builder.snapshot()
    expect(builder.snapshot()).toBe(first)
    builder.apply(text('c', 1))
    expect(builder.snapshot().parts[0]).toBe(first.parts[0])
    expect(builder.snapshot().parts[1]).not.toBe(first.parts[1])
  })

  it('follows a tool call from its start to its input', () => {
    const part = { part: 0 } as const
    const start: MessageDelta = { type: 'tool-input-start', ...part, toolCallId: 'a', toolName: 'f' }
    const input: MessageDelta = { type: 'tool-input-delta', ...part, delta: '{}' }
    const available: MessageDelta = { type: 'tool-input-available', ...part, input: {} }
    expect(build(start).parts[0]).toMatchObject({ state: 'input-streaming', inputText: '' })
    expect(build(start, input).parts[0]).toMatchObject({ state: 'input-streaming', inputText: '{}' })
    expect(build(start, input, available).parts[0]).toMatchObject({ state: 'input-available', input: {} })
    expect(build({ ...start, providerExecuted: true } as MessageDelta).parts[0]).toMatchObject({
      providerExecuted: true,
    })
  })

  it.each<MessageDelta[][]>([
    [[text('a', 1)]],
    [[text('a'), { type: 'reasoning-delta', part: 0, delta: 'b' }]],
    [[text('a'), { type: 'tool-input-delta', part: 0, delta: 'b' }]],
    [[{ type: 'tool-input-start', part: 3, toolCallId: 'a', toolName: 'f' }]],
    [[text('a'), { type: 'tool-input-start', part: 0, toolCallId: 'a', toolName: 'f' }]],
  ])('refuses a delta for a part that is not there or of another kind', (deltas) => {
    expect(() => build(...deltas)).toThrow(expect.objectContaining({ name: 'StreamError', code: 'protocol' }))
  })

  it('keeps the parts and the finish reason when it closes', () => {
    const error = new StreamError('incomplete', 'broke off')
    const builder = createMessageBuilder()
    builder.apply(text('kept'))
    builder.close('error', error)
    expect(builder.snapshot()).toMatchObject({
      status: 'error',
      error,
      finishReason: 'error',
      parts: [{ text: 'kept' }],
    })
    builder.apply({ type: 'finish', finishReason: 'length' })
    builder.close('aborted')
    expect(builder.snapshot()).toMatchObject({ status: 'aborted', finishReason: 'length' })
  })
})

it('messageText joins the text parts, and only them', () => {
  const message = build(text('a'), { type: 'reasoning-delta', part: 1, delta: 'hm' }, text('b', 2))
  expect(messageText(message)).toBe('ab')
})
