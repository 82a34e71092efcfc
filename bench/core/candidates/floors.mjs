import { streamOf } from '../stream-of.mjs'

/** What no reader that turns bytes into text this way can be faster than; it finds no events. */
export const floor = {
  name: 'floor: TextDecoder alone',
  parse(chunks, on) {
    const decoder = new TextDecoder()
    for (const chunk of chunks) on.text(decoder.decode(chunk, { stream: true }))
  },
}

/** The same for those who can read only a stream. */
export const streamFloor = {
  name: 'floor of streams: reader.read() and TextDecoder',
  stream: true,
  async parse(chunks, on) {
    const decoder = new TextDecoder()
    const reader = new Response(streamOf(chunks)).body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      on.text(decoder.decode(value, { stream: true }))
    }
  },
}
