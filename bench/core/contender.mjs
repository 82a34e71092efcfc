import { chunksOf } from './workloads.mjs'

/** A candidate that needs longer than this for the long line is measured on a part of it. */
const LONGEST_MS = 500
const PART = 1 / 16

/** Takes the events, and reads a character of each: nobody is faster for handing out text that is yet to be joined. */
function createSink() {
  const seen = { events: 0, sum: 0 }
  const take = (text) => {
    if (text.length > 0) seen.sum += text.charCodeAt(text.length - 1)
  }
  const on = {
    event(_type, data) {
      seen.events++
      take(data)
    },
    text: take,
    retry() {},
    lastEventId() {},
  }
  return { seen, on }
}

/** One candidate at one workload. */
export function createContender(candidate, workload) {
  const { seen, on } = createSink()
  let body = chunksOf(workload)
  let repeat = 1

  /** Milliseconds a pass over the body. */
  async function time() {
    const start = performance.now()
    for (let i = 0; i < repeat; i++) {
      const running = candidate.parse(body.chunks, on)
      if (candidate.stream) await running
    }
    return (performance.now() - start) / repeat
  }

  async function warmUp(ms) {
    const until = performance.now() + ms
    let best = Infinity
    do best = Math.min(best, await time())
    while (performance.now() < until)
    return best
  }

  return {
    /** Warms up, and finds how often a sample repeats the body, and whether the whole of it is too much. */
    async prepare({ warmUpMs, sampleMs }) {
      const whole = body
      if (workload.line) {
        body = chunksOf(workload, PART)
        await warmUp(warmUpMs)
        body = whole
        if ((await time()) > LONGEST_MS) body = chunksOf(workload, PART)
      }
      repeat = Math.ceil(sampleMs / (await warmUp(warmUpMs)))
      const { events } = seen
      await candidate.parse(body.chunks, on)
      return {
        bytes: body.bytes,
        part: body !== whole,
        events: seen.events - events,
      }
    },
    sample: time,
  }
}
