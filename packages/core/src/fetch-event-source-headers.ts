import { toHeaderValue } from './send.ts'

/** The one media type of an event stream: what is sent as `accept`, and what the default `onopen` wants. */
export const EventStreamContentType = 'text/event-stream'

const LAST_EVENT_ID = 'last-event-id'

/**
 * The headers of the next request; with the id to resume after, `""` for none any more, undefined when there has
 * been none yet. A plain object, the names as they were spelt: a fetch of the caller's own may look into it.
 */
export function headersOf(given: HeadersInit, lastEventId: string | undefined): Record<string, string> {
  const headers: Record<string, string> =
    Symbol.iterator in given ? Object.fromEntries(given as Iterable<[string, string]>) : { ...given }
  if (!new Headers(headers).has('accept')) headers['accept'] = EventStreamContentType
  if (lastEventId === undefined) return headers
  for (const name in headers) if (name.toLowerCase() === LAST_EVENT_ID) delete headers[name]
  if (lastEventId) headers[LAST_EVENT_ID] = toHeaderValue(lastEventId)
  return headers
}
