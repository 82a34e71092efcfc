import { expect, test } from 'vitest'
import { chatChunk, chatEvent, chatEvents } from './chat.ts'

test('an event is one data line and a blank one', () => {
  expect(chatEvent({ a: 'x\ny' })).toBe('data: {"a":"x\\ny"}\n\n')
})

test('a chunk has the delta and the reason', () => {
  expect(chatChunk({ content: 'x' })).toMatchObject({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }],
  })
  expect(chatChunk({}, 'stop')).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }] })
})

test('a good answer has a role, its pieces, a reason and an end', () => {
  expect(chatEvents('a', 'b')).toEqual([
    chatEvent(chatChunk({ role: 'assistant', content: '' })),
    chatEvent(chatChunk({ content: 'a' })),
    chatEvent(chatChunk({ content: 'b' })),
    chatEvent(chatChunk({}, 'stop')),
    'data: [DONE]\n\n',
  ])
})
