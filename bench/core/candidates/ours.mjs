import { createEventParser } from '@rivulet/core'

export const ours = {
  name: '@rivulet/core',
  parse(chunks, on) {
    const parser = createEventParser({
      onEvent: ({ type, data, lastEventId }) => on.event(type, data, lastEventId),
      onRetry: on.retry,
    })
    for (const chunk of chunks) parser.push(chunk)
    on.lastEventId(parser.lastEventId)
    parser.end()
  },
}
