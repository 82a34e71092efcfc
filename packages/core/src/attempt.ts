import { connect } from './connect.ts'
import { StreamError } from './errors.ts'
import type { MetricsRecorder } from './metrics.ts'
import { readEventsObserved } from './read-events.ts'
import type { ServerSentEvent, StreamMessageInit } from './types.ts'
import { createWatchdog } from './watchdog.ts'

const CONNECT_MS = 30_000
const FIRST_EVENT_MS = 120_000
const IDLE_MS = 60_000

export interface AttemptObserver {
  readonly metrics: MetricsRecorder
  /** As for readEvents: the event in which the body ended. */
  onPending(event: ServerSentEvent): void
}

/**
 * The events of one request, from connecting to the end of its body, with its time-outs.
 *
 * @throws {StreamError} what `connect` throws; `timeout`; `limit`; `incomplete` when the body breaks.
 * @throws `signal.reason`, as it is, when the signal aborts. The request is cancelled whichever way it ends.
 */
export async function* readAttempt(
  input: string | URL | Request,
  init: StreamMessageInit,
  signal: AbortSignal,
  { metrics, onPending }: AttemptObserver,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { connect: connectMs = CONNECT_MS, firstEvent = FIRST_EVENT_MS, idle = IDLE_MS } = init.timeout ?? {}
  const controller = new AbortController()
  const forward = (): void => controller.abort(signal.reason)
  let waitingFor = 'an answer'
  let lastEventId = ''
  let opened = false
  const watchdog = createWatchdog((limit) => {
    controller.abort(
      new StreamError('timeout', `Waited ${limit} ms for ${waitingFor}; nothing came.`, {
        retryable: !opened,
        lastEventId,
      }),
    )
  })
  signal.throwIfAborted()
  signal.addEventListener('abort', forward, { once: true })
  try {
    watchdog.wait(connectMs)
    const response = await untilAborted(connect(input, init, controller.signal), controller.signal)
    watchdog.rest()
    metrics.headers()
    opened = true
    init.onOpen?.(response)
    waitingFor = 'the first event'
    let limit = firstEvent
    const events = readEventsObserved(
      response.body,
      { signal: controller.signal, maxEventBytes: init.maxEventBytes },
      {
        onWait: () => watchdog.wait(limit),
        onChunk: (chunk) => {
          watchdog.rest()
          metrics.chunk(chunk.length)
        },
        onPending,
      },
    )
    try {
      for await (const event of events) {
        limit = idle
        waitingFor = 'the next event'
        lastEventId = event.lastEventId
        metrics.event()
        yield event
      }
    } catch (cause) {
      if (controller.signal.aborted) throw controller.signal.reason
      if (cause instanceof StreamError) throw cause
      throw new StreamError('incomplete', 'The connection broke before the answer was complete.', {
        lastEventId,
        cause,
      })
    }
  } finally {
    watchdog.stop()
    signal.removeEventListener('abort', forward)
    // Whatever is still open of the request ends with the loop.
    controller.abort()
  }
}

/** `promise`, given up when the signal aborts: a custom fetch need not heed it. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
