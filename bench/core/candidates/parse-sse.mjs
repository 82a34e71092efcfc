import { parseServerSentEvents } from 'parse-sse'
import { streamOf } from '../stream-of.mjs'

export const parseSse = {
  name: 'parse-sse 0.1',
  stream: true,
  async parse(chunks, on) {
    let last = ''
    const reader = parseServerSentEvents(new Response(streamOf(chunks))).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const { type, data, lastEventId, retry } = value
      if (retry !== undefined) on.retry(retry)
      last = lastEventId
      on.event(type, data, lastEventId)
    }
    on.lastEventId(last)
  },
}
