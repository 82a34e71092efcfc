import { CASES } from './cases.mjs'

function* feeds(bytes) {
  yield [bytes]
  yield Array.from(bytes, (byte) => Uint8Array.of(byte))
  for (let at = 1; at < bytes.length; at++) yield [bytes.slice(0, at), bytes.slice(at)]
}

async function read(parser, chunks) {
  const seen = { events: [], retry: null, lastEventId: '' }
  await parser.parse(chunks, {
    event: (type, data, lastEventId) => seen.events.push([type || 'message', data, lastEventId]),
    retry: (ms) => (seen.retry = ms),
    lastEventId: (id) => (seen.lastEventId = id),
  })
  return JSON.stringify(seen)
}

async function isRight(parser, { bytes, expected }) {
  for (const chunks of feeds(bytes)) {
    try {
      if ((await read(parser, chunks)) !== expected) return false
    } catch {
      return false
    }
  }
  return true
}

async function check(parser, cases) {
  const failed = []
  for (const each of cases) if (!(await isRight(parser, each))) failed.push(each.name)
  return { right: cases.length - failed.length, of: cases.length, failed }
}

const fromBase64 = (text) => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0))

/** The cases of a file that lies beside the project where there is one. */
function further(cases) {
  return cases.map(({ name, base64, expected, retry, finalLastEventId }) => ({
    name,
    bytes: fromBase64(base64),
    expected: JSON.stringify({
      events: expected.map(({ type, data, lastEventId }) => [type, data, lastEventId]),
      retry,
      lastEventId: finalLastEventId,
    }),
  }))
}

/** Each case whole, by byte and split in two at every place; it is right when all of them are. */
export async function checkAll(parsers, cases) {
  const results = []
  for (const parser of parsers) {
    const own = await check(parser, CASES)
    results.push({ name: parser.name, own, given: cases && (await check(parser, further(cases))) })
  }
  return results
}
