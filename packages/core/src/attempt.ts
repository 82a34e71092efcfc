import { connect } from './connect.ts'
import { StreamError } from './errors.ts'
import type { MetricsRecorder } from './metrics.ts'
import { readEventsObserved } from './read-events.ts'
import type { ServerSentEvent, StreamMessageInit } from './types.ts'

/**
 * The events of one request, from connecting to the end of its body, with its time-outs. `onPending` gets the
 * event in which the body ended.
 *
 * @throws {StreamError} what `connect` throws; `timeout`; `limit`; `incomplete` when the body breaks.
 * @throws `signal.reason`, as it is, when the signal aborts. The request is cancelled whichever way it ends.
 */
export async function* readAttempt(
  input: string | URL | Request,
  init: StreamMessageInit,
  signal: AbortSignal,
  metrics: MetricsRecorder,
  onPending: (event: ServerSentEvent) => void,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { connect: connectMs = 30_000, firstEvent = 120_000, idle = 60_000 } = init.timeout ?? {}
  const controller = new AbortController()
  const forward = (): void => controller.abort(signal.reason)
  let limit = connectMs
  let opened = false
  let lastEventId = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  const rest = (): void => clearTimeout(timer)
  /** Only waits are timed: a slow consumer is no fault of the server's. */
  const onWait = (): void => {
    // setTimeout fires at once for delays beyond 31 bits.
    if (limit > 0 && limit < 2 ** 31) timer = setTimeout(expire, limit)
  }
  const expire = (): void => {
    const message = `The server sent nothing for ${limit} ms.`
    controller.abort(new StreamError('timeout', message, { retryable: !opened, lastEventId }))
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', forward)
  try {
    onWait()
    const response = await connect(input, init, controller.signal)
    rest()
    metrics.headers()
    init.onOpen?.(response)
    opened = true
    limit = firstEvent
    const events = readEventsObserved(
      response.body,
      { signal: controller.signal, maxEventBytes: init.maxEventBytes },
      {
        onWait,
        onChunk(chunk) {
          rest()
          metrics.chunk(chunk.length)
        },
        onPending,
      },
    )
    for await (const event of events) {
      limit = idle
      lastEventId = event.lastEventId
      metrics.event()
      yield event
    }
  } catch (cause) {
    if (!opened || controller.signal.aborted || cause instanceof StreamError) throw cause
    throw new StreamError('incomplete', 'The answer broke off: connection lost.', {
      lastEventId,
      cause,
    })
  } finally {
    rest()
    signal.removeEventListener('abort', forward)
    // Whatever is still open of the request ends with the loop.
    controller.abort()
  }
}
