import { createMetricsRecorder } from './metrics.ts'
import { readStream } from './read-stream.ts'
import type { EventStream, StreamEventsInit } from './types.ts'

/**
 * Sends a request and reads its events, over as many attempts as that takes.
 *
 * Nothing is sent before the loop begins; it reads no faster than the loop takes, and leaving the loop has ended the
 * request before `break` returns. Before the headers are in, a request that may succeed later is sent again. From
 * then on a POST never is. A stream whose events have ids is resumed after the last one: a GET as EventSource would
 * (`Last-Event-ID`), a POST by a GET of its `Content-Location`. docs/retries.md has the whole table.
 *
 * @throws {StreamError} `http`, `content-type`, `network`, `timeout`, `incomplete`, `limit`, `gone`; from a relay
 * also `provider`.
 * @throws `signal.reason`, as it is, when the signal aborts; what a function of `init` throws.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * @example
 * for await (const { data } of streamEvents('/events', { isLast: ({ data }) => data === '[DONE]' })) console.log(data)
 */
export function streamEvents(input: string | URL | Request, init: StreamEventsInit = {}): EventStream {
  const { signal = (input as Request).signal, isLast } = init
  const metrics = createMetricsRecorder()
  const events = readStream(input, init, signal, metrics, isLast, () => !isLast)
  return Object.defineProperty(events, 'metrics', { get: metrics.snapshot }) as EventStream
}
