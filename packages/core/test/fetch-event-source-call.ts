import { fetchEventSource } from '@microsoft/fetch-event-source'
import type { EventSourceMessage, FetchEventSourceInit } from '@microsoft/fetch-event-source'
import { createScriptedFetch } from '@rivulet/testkit'
import type { ScriptedFetch, ScriptedReply } from '@rivulet/testkit'
import { vi } from 'vitest'

/** The original, with what it needs of a window where there is none; `vi.unstubAllGlobals` takes it away. */
export const original: typeof fetchEventSource = (input, init) => {
  if (!('document' in globalThis)) {
    vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }))
    vi.stubGlobal('window', globalThis)
  }
  return fetchEventSource(input, init)
}

/** One call of a `fetchEventSource`, and what it has come to. */
export interface Call {
  readonly fetch: ScriptedFetch
  /** The data of the messages, and what else the handlers were told, in order. */
  readonly log: string[]
  readonly messages: EventSourceMessage[]
  readonly errors: unknown[]
  /** `"pending"`, `"resolved"`, or what the promise was rejected with. */
  readonly outcome: unknown
  readonly done: Promise<void>
  abort(reason?: unknown): void
}

const running = new Set<Call>()

/** Calls `run` with handlers that keep what they are told; those of `init` are called besides. */
export function call(
  run: typeof fetchEventSource,
  replies: readonly ScriptedReply[],
  init: FetchEventSourceInit = {},
): Call {
  const controller = new AbortController()
  const fetch = createScriptedFetch(...replies)
  const log: string[] = []
  const messages: EventSourceMessage[] = []
  const errors: unknown[] = []
  let outcome: unknown = 'pending'
  const done = run('https://example.com/events', {
    fetch,
    signal: controller.signal,
    ...init,
    onmessage(message) {
      messages.push(message)
      log.push(message.data)
      return init.onmessage?.(message)
    },
    onclose() {
      log.push('(close)')
      return init.onclose?.()
    },
    onerror(error) {
      errors.push(error)
      log.push('(error)')
      return init.onerror?.(error)
    },
  })
  done.then(
    () => (outcome = 'resolved'),
    (reason: unknown) => (outcome = reason),
  )
  const state: Call = {
    fetch,
    log,
    messages,
    errors,
    done,
    get outcome() {
      return outcome
    },
    abort: (reason) => controller.abort(reason),
  }
  running.add(state)
  return state
}

/** The original never ends by itself what it has once failed at. */
export async function endCalls(): Promise<void> {
  const calls = [...running]
  running.clear()
  for (const { abort } of calls) abort()
  await Promise.allSettled(calls.map(({ done, outcome }) => outcome === 'pending' || done))
}
