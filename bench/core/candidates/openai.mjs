import { _iterSSEMessages } from 'openai/core/streaming'
import { streamOf } from '../stream-of.mjs'

/** What the SDK reads its streams with, before JSON.parse. It has no ids and no retry. */
export const openai = {
  name: 'openai 7.57 decoder',
  stream: true,
  async parse(chunks, on) {
    const response = new Response(streamOf(chunks))
    for await (const { event, data } of _iterSSEMessages(response, new AbortController())) {
      on.event(event ?? '', data, '')
    }
    on.lastEventId('')
  },
}
