import { streamMessage } from '@rivulet/core'
import { streamOf } from './stream-of.mjs'

const DELTAS = 100_000

function* body() {
  const encoder = new TextEncoder()
  const chunk = (delta, reason) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1700000000,
    model: 'bench',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })
  const event = (record) => `data: ${JSON.stringify(record)}\n\n`
  const word = event(chunk({ content: ' word' }, null))
  const some = encoder.encode(word.repeat(10))
  for (let i = 0; i < DELTAS; i += 10) yield some
  yield encoder.encode(`${event(chunk({}, 'stop'))}data: [DONE]\n\n`)
}

async function once() {
  const chunks = [...body()]
  const stream = streamMessage('http://localhost/v1/chat/completions', {
    method: 'POST',
    body: {},
    fetch: async () => new Response(streamOf(chunks), { headers: { 'content-type': 'text/event-stream' } }),
  })
  const marks = [performance.now()]
  let count = 0
  for await (const delta of stream) {
    if (delta.type === 'text-delta' && ++count % (DELTAS / 10) === 0) marks.push(performance.now())
  }
  const [text] = stream.message.parts
  if (text?.text.length !== DELTAS * 5) throw new Error('streamMessage lost deltas')
  return { first: marks[1] - marks[0], last: marks[10] - marks[9] }
}

/** Microseconds a delta in the first and in the last tenth of one long message, medians over the runs. */
export async function deltaCost(quick) {
  await once()
  const runs = []
  for (let i = 0; i < (quick ? 3 : 7); i++) runs.push(await once())
  const middle = (key) => runs.map((run) => run[key]).toSorted((a, b) => a - b)[runs.length >> 1]
  const micros = (key) => (middle(key) * 1000) / (DELTAS / 10)
  return { first: micros('first'), last: micros('last') }
}
