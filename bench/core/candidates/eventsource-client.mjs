import { createEventSource } from 'eventsource-client'
import { streamOf } from '../stream-of.mjs'

/** It reads only what it fetched itself, so it is given a fetch that answers with the chunks. */
export const eventsourceClient = {
  name: 'eventsource-client',
  stream: true,
  parse(chunks, on) {
    return new Promise((resolve) => {
      let lastEventId = ''
      const source = createEventSource({
        url: 'http://localhost/',
        fetch: async () => new Response(streamOf(chunks)),
        onMessage({ event, data, id }) {
          if (id !== undefined) lastEventId = id
          on.event(event, data, lastEventId)
        },
        onDisconnect() {
          on.lastEventId(source.lastEventId ?? '')
          source.close()
          resolve()
        },
      })
    })
  },
}
