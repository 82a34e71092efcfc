import { getLines, getMessages } from '@microsoft/fetch-event-source/lib/esm/parse.js'

export const fetchEventSource = {
  name: 'fetch-event-source 2.0.1',
  parse(chunks, on) {
    let lastEventId = ''
    const onLine = getMessages(
      (id) => (lastEventId = id),
      on.retry,
      ({ event, data }) => on.event(event, data, lastEventId),
    )
    const onChunk = getLines(onLine)
    for (const chunk of chunks) onChunk(chunk)
    on.lastEventId(lastEventId)
  },
}
