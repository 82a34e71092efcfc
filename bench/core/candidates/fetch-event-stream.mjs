import { events } from 'fetch-event-stream'
import { streamOf } from '../stream-of.mjs'

export const fetchEventStream = {
  name: 'fetch-event-stream',
  stream: true,
  async parse(chunks, on) {
    let lastEventId = ''
    for await (const { event, data, id, retry } of events(new Response(streamOf(chunks)))) {
      if (retry !== undefined) on.retry(retry)
      if (id !== undefined) lastEventId = String(id)
      if (data !== undefined) on.event(event, data, lastEventId)
    }
    on.lastEventId(lastEventId)
  },
}
