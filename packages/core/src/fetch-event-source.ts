import type { EventSourceMessage, FetchEventSourceInit } from '@microsoft/fetch-event-source'
import { StreamError } from './errors.ts'
import type { StreamErrorCode } from './errors.ts'
import { EventStreamContentType, headersOf } from './fetch-event-source-headers.ts'
import { createMessageParser } from './fetch-event-source-messages.ts'
import { readChunks } from './read-chunks.ts'
import { isRetryableStatus, parseRetryAfter } from './retry.ts'

export { EventStreamContentType }
export type { EventSourceMessage, FetchEventSourceInit }

const CONNECT_MS = 30_000
const FIRST_EVENT_MS = 120_000
const IDLE_MS = 60_000
const RETRIES = 3
const BASE_MS = 500
const MAX_BACK_OFF_MS = 8000
/** The package's own interval, until the server sends a `retry`. */
const RECONNECT_MS = 1000
/** The most that a server may ask for, and how long the network is waited for. */
const MAX_ASKED_MS = 60_000
/** setTimeout fires at once for more. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** When a request that has just failed is sent again: never, only if `onerror` names an interval, or by itself. */
const NEVER = 0
const ASKED = 1
const ALWAYS = 2

/**
 * `fetchEventSource` of `@microsoft/fetch-event-source` 2.0.1 with the same signature and types, and without its
 * faults; docs/switching-from-fetch-event-source.md lists them.
 *
 * Resolves after `onclose`, when the server has ended the stream between two events. Handlers are called one at a
 * time and awaited, and the body is read no faster. `onerror` is told every error first: a number from it is the
 * wait in milliseconds before the next request, and what it throws, the promise rejects with.
 *
 * By itself a request is repeated up to 3 times in a row, with back-off, and with `Retry-After` and `retry` obeyed up
 * to 60 s: when no answer came, or one of 408, 425, 429 and 5xx. A GET is also repeated, with `last-event-id`, when
 * its stream breaks off or `onclose` throws. Whatever `onerror` returns, a POST is never sent again once a 2xx has
 * come, and nothing is because `onmessage` threw, or `onopen` at a 2xx.
 *
 * Limits: 30 s to the headers, 120 s without a byte before the first event, 60 s after it, 16 MiB for an event.
 * `openWhenHidden` has no effect: a hidden page reads on.
 *
 * @throws {StreamError} `network`, `timeout`, `http`, `content-type`, `incomplete`, `limit`.
 * @throws what a handler throws, as it is; `signal.reason` when the signal aborts, which is no unhandled rejection
 * if nobody waits for the promise.
 * @example
 * await fetchEventSource('/events', { onmessage: ({ data }) => console.log(data) })
 */
export function fetchEventSource(input: RequestInfo, init: FetchEventSourceInit): Promise<void> {
  const { method: ownMethod = 'GET', headers: ownHeaders = {}, signal: ownSignal } = input as Partial<Request>
  const {
    onopen,
    onmessage,
    onclose,
    onerror,
    openWhenHidden: _,
    fetch: ownFetch,
    signal = ownSignal,
    ...request
  } = init
  const isGet = (request.method ?? ownMethod).toUpperCase() === 'GET'
  let lastEventId: string | undefined
  let reconnectMs = RECONNECT_MS
  let retryAfterMs: number | undefined
  /** Attempts in a row without a good answer. */
  let failures = 0
  /** Attempts in a row without a byte of one. */
  let silent = 0
  let again: typeof NEVER | typeof ASKED | typeof ALWAYS
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Ends what is being waited for. */
  let cancel: (reason: unknown) => void = () => {}

  const rest = (): void => clearTimeout(timer)
  const failure = (code: StreamErrorCode, message: string, details?: object): StreamError =>
    new StreamError(code, message, { lastEventId: lastEventId ?? '', ...details })

  async function attempt(): Promise<void> {
    again = NEVER
    retryAfterMs = undefined
    const headers = headersOf(init.headers ?? ownHeaders, lastEventId)
    const controller = new AbortController()
    const requestSignal = controller.signal
    let limitMs = CONNECT_MS
    let response: Response | undefined
    /** Only waits are timed: a slow handler is no fault of the server's. */
    const onWait = (): void => {
      timer = setTimeout(() => {
        // Who is slow to answer may be at work already.
        if (!response && !isGet && !new Headers(headers).has('idempotency-key')) again = ASKED
        cancel(failure('timeout', `The server sent nothing for ${limitMs} ms`, { retryable: !response }))
      }, limitMs)
    }
    try {
      again = ALWAYS
      onWait()
      response = await new Promise<Response>((resolve, reject) => {
        cancel = (reason) => {
          controller.abort(reason)
          // A fetch of the caller's own need not heed the signal.
          reject(reason)
        }
        // The global is looked up here, so that a page may replace it at any time.
        const sent = (ownFetch ?? fetch)(input, { ...request, headers, signal: requestSignal })
        sent.then(resolve, (cause: unknown) =>
          reject(failure('network', `No answer came: ${cause}`, { retryable: true, cause })),
        )
        // Too late for anyone to read it.
        sent.then((late) => (requestSignal.aborted ? late.body?.cancel() : undefined)).catch(() => {})
      })
      rest()
      const { ok, status } = response
      // A refusal has cost nothing; a 2xx may have.
      again = ok ? NEVER : isRetryableStatus(status) ? ALWAYS : ASKED
      if (!ok) retryAfterMs = parseRetryAfter(response.headers.get('retry-after'))
      const type = response.headers.get('content-type')
      if (onopen) await onopen(response)
      else if (!ok || !type?.toLowerCase().startsWith(EventStreamContentType))
        throw failure(
          ok ? 'content-type' : 'http',
          `The server answered ${ok ? `${type} instead of ${EventStreamContentType}` : status}`,
          { status, retryable: again === ALWAYS, retryAfterMs },
        )
      requestSignal.throwIfAborted()

      failures = 0
      limitMs = FIRST_EVENT_MS
      const messages: EventSourceMessage[] = []
      const parser = createMessageParser(
        (message) => {
          limitMs = IDLE_MS
          messages.push(message)
        },
        (id) => (lastEventId = id),
        (milliseconds) => (reconnectMs = milliseconds),
      )
      const chunks = response.body && readChunks(response.body, requestSignal)
      for (;;) {
        again = isGet ? ALWAYS : NEVER
        onWait()
        const next = await chunks?.next().catch((cause: unknown) => {
          throw cause instanceof StreamError
            ? cause
            : failure('incomplete', 'The connection broke off', { cause })
        })
        rest()
        if (!next?.value) break
        silent = 0
        again = NEVER
        try {
          parser.push(next.value)
        } finally {
          // The messages before an event that is too large are good.
          for (const message of messages.splice(0)) {
            await onmessage?.(message)
            requestSignal.throwIfAborted()
          }
        }
      }
      if (parser.end()) throw failure('incomplete', 'The stream ended within an event')
      await onclose?.()
    } finally {
      rest()
      controller.abort()
      response?.body?.cancel().catch(() => {})
    }
  }

  async function run(): Promise<void> {
    while (!signal?.aborted) {
      try {
        return await attempt()
      } catch (error) {
        if (signal?.aborted) return
        const interval = (await onerror?.(error)) ?? undefined
        // A stream is read once, and so is the body of a Request.
        const spent =
          (request.body as Partial<ReadableStream>)?.getReader ?? (input as Partial<Request>).bodyUsed
        if (spent || !again || (interval === undefined && (again < ALWAYS || failures >= RETRIES)))
          throw error
        const { navigator } = globalThis as { navigator?: { onLine?: boolean } }
        const offline = navigator?.onLine === false
        // Without a network it was no attempt.
        if (!offline) failures++
        const askedMs = Math.min(Math.max(reconnectMs, retryAfterMs ?? 0), MAX_ASKED_MS)
        const backOffMs = Math.random() * Math.min(MAX_BACK_OFF_MS, BASE_MS * 2 ** silent++)
        const ms = interval ?? (offline ? MAX_ASKED_MS : askedMs + backOffMs)
        if (signal?.aborted) return
        await new Promise<unknown>((resolve) => {
          cancel = resolve
          timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS))
          if (offline) addEventListener('online', resolve)
        })
        rest()
        if (offline) removeEventListener('online', cancel)
      }
    }
  }

  let end = (): void => {}
  const done = new Promise<void>((resolve, reject) => {
    end = () => {
      // First of all: a handler of the caller's may never settle.
      reject(signal?.reason)
      cancel(signal?.reason)
    }
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
    run().then(resolve, reject)
  }).finally(() => {
    signal?.removeEventListener('abort', end)
    // Who aborts and does not wait for the promise knows already.
    if (signal?.aborted) done.catch(() => {})
  })
  return done
}
