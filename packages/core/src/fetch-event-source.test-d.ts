import type * as Theirs from '@microsoft/fetch-event-source'
import { expectTypeOf, test } from 'vitest'
import { fetchEventSource } from './fetch-event-source.ts'
import type * as Ours from './fetch-event-source.ts'

test('one can take the place of the other', () => {
  // TypeScript adds a default export to a CommonJS package.
  type TheirExports = Omit<typeof Theirs, 'default'>
  expectTypeOf<typeof Ours>().toExtend<TheirExports>()
  expectTypeOf<TheirExports>().toExtend<typeof Ours>()
  expectTypeOf<keyof typeof Ours>().toEqualTypeOf<keyof TheirExports>()
  expectTypeOf<typeof Ours.fetchEventSource>().toEqualTypeOf<typeof Theirs.fetchEventSource>()
  expectTypeOf<typeof Ours.EventStreamContentType>().toEqualTypeOf<'text/event-stream'>()
})

test('the types are the same', () => {
  expectTypeOf<Ours.FetchEventSourceInit>().toEqualTypeOf<Theirs.FetchEventSourceInit>()
  expectTypeOf<Ours.EventSourceMessage>().toEqualTypeOf<Theirs.EventSourceMessage>()
})

test('what the package takes is taken', () => {
  expectTypeOf(fetchEventSource).parameter(0).toEqualTypeOf<RequestInfo>()
  expectTypeOf(fetchEventSource).returns.toEqualTypeOf<Promise<void>>()
  expectTypeOf(fetchEventSource).toBeCallableWith('/events', {
    method: 'POST',
    headers: { a: 'b' },
    openWhenHidden: true,
    onopen: async (response) => void response.status,
    onmessage: ({ id, event, data, retry }) => void [id, event, data, retry],
    onerror: () => 1000,
  })
})
