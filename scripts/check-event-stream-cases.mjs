// Holds the built parser to a file of cases: whole, by byte and split in two at every place.
// usage: node scripts/check-event-stream-cases.mjs FILE
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { createEventParser } from '../packages/core/dist/index.js'

const [file] = process.argv.slice(2)
if (!file) {
  console.error('usage: node scripts/check-event-stream-cases.mjs FILE')
  process.exit(2)
}

function read(chunks) {
  const events = []
  let retry = null
  const parser = createEventParser({ onEvent: (event) => events.push(event), onRetry: (ms) => (retry = ms) })
  for (const chunk of chunks) parser.push(chunk)
  const finalLastEventId = parser.lastEventId
  parser.end()
  return { expected: events, retry, finalLastEventId }
}

function* feeds(bytes) {
  yield ['whole', [bytes]]
  yield ['by byte', Array.from(bytes, (byte) => Uint8Array.of(byte))]
  for (let at = 0; at <= bytes.length; at++) yield [`split at ${at}`, [bytes.slice(0, at), bytes.slice(at)]]
}

const { cases } = JSON.parse(readFileSync(file, 'utf8'))
let right = 0
for (const { name, base64, expected, retry, finalLastEventId } of cases) {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
  const wrong = [...feeds(bytes)].find(
    ([, chunks]) => !isDeepStrictEqual(read(chunks), { expected, retry, finalLastEventId }),
  )
  if (!wrong) right++
  else console.log(`${name}, ${wrong[0]}:`, read(wrong[1]), 'expected', { expected, retry, finalLastEventId })
}
console.log(`${right} of ${cases.length} cases right`)
process.exit(right === cases.length && right > 0 ? 0 : 1)
