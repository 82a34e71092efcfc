import { chatEvent, chatEvents, createScriptedFetch } from '@rivulet/testkit'
import type { ScriptedReply } from '@rivulet/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { streamMessage } from './stream-message.ts'
import type { MessageDelta, MessageStream } from './types.ts'

// Whatever a caller does, in whatever order: no rejection that nobody handles, one outcome, nothing left open.

const REPLIES: Readonly<Record<string, ScriptedReply>> = {
  good: { body: chatEvents('a', 'b') },
  refused: { status: 400, body: 'no' },
  broken: { body: [...chatEvents('a').slice(0, 2), new TypeError('reset')] },
  failed: { body: [...chatEvents('a').slice(0, 2), chatEvent({ error: 'busy' })] },
  hanging: { body: chatEvents('a').slice(0, 2), hang: true },
  silent: { silent: true },
}

interface Caller {
  readonly stream: MessageStream
  readonly reason: unknown
  loop?: AsyncIterator<MessageDelta>
}

const ACTIONS: Readonly<Record<string, (caller: Caller) => unknown>> = {
  finished: ({ stream }) => void stream.finished,
  iterate: (caller) => void (caller.loop ??= caller.stream[Symbol.asyncIterator]()),
  // Not awaited by the caller, and not caught either: that one is the caller's own to handle, so the test does.
  next: ({ loop }) => void loop?.next().catch(() => {}),
  leave: ({ loop }) => void loop?.return?.().catch(() => {}),
  abort: ({ stream, reason }) => stream.abort(reason),
  wait: () => new Promise((resolve) => setTimeout(resolve)),
}

const unhandled: unknown[] = []
const { process } = globalThis as unknown as {
  process?: {
    on?: (type: string, run: (reason: unknown) => void) => void
    off: (type: string, run: unknown) => void
  }
}
const note = (reason: unknown): void => void unhandled.push(reason)
const noteEvent = (event: Event): void => void unhandled.push((event as PromiseRejectionEvent).reason)
beforeEach(() => {
  unhandled.length = 0
  if (process?.on) process.on('unhandledRejection', note)
  else globalThis.addEventListener('unhandledrejection', noteEvent)
})
afterEach(() => {
  if (process?.on) process.off('unhandledRejection', note)
  else globalThis.removeEventListener('unhandledrejection', noteEvent)
})

/** Every order of up to three actions. */
function* orders(): Generator<readonly string[]> {
  const names = Object.keys(ACTIONS)
  for (const a of names) {
    yield [a]
    for (const b of names) {
      yield [a, b]
      for (const c of names) yield [a, b, c]
    }
  }
}

it.each(Object.keys(REPLIES))('a %s answer has one outcome in every order of calls', async (name) => {
  const reply = REPLIES[name]!
  await Promise.all(
    Array.from(orders(), async (order) => {
      const what = `${name}: ${order.join(', ')}`
      const fetch = createScriptedFetch(reply)
      const reason = { why: what }
      const caller: Caller = {
        stream: streamMessage('https://api.example/', { fetch, retry: false }),
        reason,
      }
      const { stream } = caller
      for (const action of order) await ACTIONS[action]!(caller)
      const endless = name === 'hanging' || name === 'silent'
      if (endless) stream.abort(reason)
      const result = await stream.finished.then(
        (message) => ({ message, error: undefined }),
        (error: unknown) => ({ message: undefined, error }),
      )
      const again = await stream.finished.catch((error: unknown) => error)
      expect(again, what).toBe(result.message ?? result.error)
      const { status } = stream.message
      if (result.message) expect([status, result.message === stream.message], what).toEqual(['done', true])
      else if (status === 'aborted') {
        const left = (result.error as Error).name === 'AbortError' && order.includes('leave')
        expect(left || result.error === reason, what).toBe(true)
      } else {
        expect(status, what).toBe('error')
        expect(result.error, what).toMatchObject({ name: 'StreamError' })
        expect(stream.message.error, what).toBe(result.error)
      }
      if (!order.includes('abort') && !order.includes('leave') && !endless) {
        expect(status, what).toBe(name === 'good' ? 'done' : 'error')
      }
      if (caller.loop) expect(() => stream[Symbol.asyncIterator](), what).toThrow(TypeError)
      expect(fetch.open, what).toBe(0)
    }),
  )
  // Rejections are told a turn later.
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(unhandled).toEqual([])
})
