import { createParser } from 'eventsource-parser'
import { createParser as createParser3 } from 'eventsource-parser-3'

function feed(parser, chunks) {
  const decoder = new TextDecoder()
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
}

export const eventsourceParser4 = {
  name: 'eventsource-parser 4',
  parse(chunks, on) {
    let lastEventId = ''
    const parser = createParser({
      onEvent: ({ event, data }) => on.event(event, data, lastEventId),
      onId: (id) => (lastEventId = id),
      onRetry: on.retry,
    })
    feed(parser, chunks)
    on.lastEventId(lastEventId)
  },
}

export const eventsourceParser3 = {
  name: 'eventsource-parser 3.1',
  parse(chunks, on) {
    let lastEventId = ''
    const parser = createParser3({
      onEvent({ event, data, id }) {
        if (id !== undefined) lastEventId = id
        on.event(event, data, lastEventId)
      },
      onRetry: on.retry,
    })
    feed(parser, chunks)
    on.lastEventId(lastEventId)
  },
}
