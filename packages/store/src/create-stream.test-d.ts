import type { Message, StreamError } from '@rivulet/core'
import { expectTypeOf, test } from 'vitest'
import { createStream } from './create-stream.ts'
import type { Prompt } from './chat-request.ts'
import type { StreamStore } from './types.ts'

test('a stream takes a prompt, and its message is a value', () => {
  const stream = createStream({ url: '/x' })
  expectTypeOf(stream).toEqualTypeOf<StreamStore<Prompt>>()
  expectTypeOf(stream.send).parameter(0).toEqualTypeOf<Prompt>()
  expectTypeOf(stream.send('a')).resolves.toEqualTypeOf<Message>()
  expectTypeOf(stream.$message.get()).toEqualTypeOf<Message | undefined>()
  expectTypeOf<Message['error']>().toEqualTypeOf<StreamError | undefined>()
  // @ts-expect-error a message is read-only
  stream.$message.get()!.status = 'done'
  // @ts-expect-error the atoms are read-only
  stream.$text.set('')
})

test('the input is what request() takes', () => {
  const stream = createStream({
    url: '/x',
    request: (input: { question: string }) => ({ q: input.question }),
  })
  expectTypeOf(stream.send).parameter(0).toEqualTypeOf<{ question: string }>()
})
