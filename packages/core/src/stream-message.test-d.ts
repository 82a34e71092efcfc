import { expectTypeOf, test } from 'vitest'
import { readEvents } from './read-events.ts'
import { streamMessage } from './stream-message.ts'
import type { Message, MessageDelta, ServerSentEvent } from './types.ts'

test('a loop gives deltas, told apart by their type', async () => {
  const stream = streamMessage('/x', { body: { any: ['object'] }, headers: async () => ({ a: 'b' }) })
  for await (const delta of stream) {
    expectTypeOf(delta).toEqualTypeOf<MessageDelta>()
    if (delta.type === 'text-delta') expectTypeOf(delta.delta).toEqualTypeOf<string>()
    if (delta.type === 'tool-input-available') expectTypeOf(delta.input).toEqualTypeOf<unknown>()
  }
  expectTypeOf(stream.finished).resolves.toEqualTypeOf<Message>()
})

test('a body of fetch, of a Node stream and none at all can be read', () => {
  expectTypeOf(readEvents).toBeCallableWith(new Response().body)
  expectTypeOf(readEvents).toBeCallableWith(null)
  expectTypeOf(readEvents(null)).toEqualTypeOf<AsyncGenerator<ServerSentEvent, void, undefined>>()
})
