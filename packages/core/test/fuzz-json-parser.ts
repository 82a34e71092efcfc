import { StreamError } from '../src/errors.ts'
import { createJsonParser } from '../src/json-parser.ts'
import { randomCut } from './random-stream.ts'
import { createRandom } from './random.ts'
import type { Random } from './random.ts'
import { join, shrink } from './shrink.ts'
import type { Fault } from './shrink.ts'

const STRINGS = [
  '',
  'a',
  '"',
  '\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  '\n',
  '\r\n',
  ' ',
  'é€🙂',
  '\u2028',
  '\0',
  '{"a":[',
  'x'.repeat(70),
]
const SCRAPS = [
  ...STRINGS,
  '"a"',
  '\\"',
  '":',
  '{}',
  '[]',
  'null',
  '12',
  '-1e5',
  'data: ',
  '\uFEFF',
  '\n\n',
  '},{',
  ']\n[',
]
const GAPS = ['', '', ' ', '\n', '\r\n', '\t ']

/** Arrays stand in records only: one outside is opened. */
function randomValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 2 ? 4 : 6)
  if (kind === 0) return random.pick([null, true, false])
  if (kind === 1) return random.below(1e6) / 10 ** random.below(4)
  if (kind < 4) return Array.from({ length: random.below(4) }, () => random.pick(STRINGS)).join('')
  const values = Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1))
  if (kind === 4 && depth > 0) return values
  return Object.fromEntries(values.map((value, at) => [random.pick(STRINGS) + at, value]))
}

/** Records as a server writes them, and how each of them is written. */
function randomRecords(random: Random): { body: string; records: string[] } {
  const indent = random.below(4)
  const write = (value: unknown): string => JSON.stringify(value, null, indent)
  const records = Array.from({ length: random.below(6) }, () => write(randomValue(random, 0)))
  const gap = (): string => random.pick(GAPS)
  if (random.below(2) === 0) {
    const end = random.pick(['\n', '\r\n', '\n\n'])
    return { body: records.map((record) => record + end).join(gap()), records }
  }
  return { body: `${gap()}[${gap()}${records.join(`${gap()},${gap()}`)}${gap()}]${gap()}`, records }
}

interface Reading {
  readonly data: readonly string[]
  readonly pending: string | undefined
  readonly limited: boolean
}

function read(chunks: readonly Uint8Array[], maxEventBytes?: number): Reading {
  const data: string[] = []
  const parser = createJsonParser({ maxEventBytes, onEvent: (event) => void data.push(event.data) })
  try {
    for (const chunk of chunks) parser.push(chunk)
    return { data, pending: parser.end()?.data, limited: false }
  } catch (error) {
    if (!(error instanceof StreamError) || error.code !== 'limit') throw error
    return { data, pending: undefined, limited: true }
  }
}

/** However it is cut, the same records are read of a body, and the limit is met at the same one. */
function problemOf(chunks: readonly Uint8Array[], maxEventBytes?: number): string | undefined {
  try {
    const whole = JSON.stringify(read([join(chunks)], maxEventBytes))
    const cut = JSON.stringify(read(chunks, maxEventBytes))
    return whole === cut ? undefined : `with a limit of ${maxEventBytes} it reads ${whole}, and cut ${cut}`
  } catch (error) {
    return `it throws ${String(error)}`
  }
}

/** Reads the body of one seed, JSON or not, cut as the seed says. */
export function fuzzJson(seed: number): Fault | undefined {
  const random = createRandom(seed)
  const { body, records } = randomRecords(random)
  const encoder = new TextEncoder()
  if (random.below(2) === 0) {
    const chunks = randomCut(encoder.encode(body), random)
    const { data, pending } = read(chunks)
    if (JSON.stringify(data) === JSON.stringify(records) && pending === undefined) return undefined
    // Shorter ones would be none, or other records.
    return shrink(seed, chunks, (given) =>
      given === chunks ? `it reads ${JSON.stringify(data)} of ${JSON.stringify(records)}` : undefined,
    )
  }
  const scraps = Array.from({ length: random.below(12) }, () => random.pick(SCRAPS)).join('')
  const maxEventBytes = random.below(2) === 0 ? 1 + random.below(60) : undefined
  const chunks = randomCut(encoder.encode(random.below(2) === 0 ? scraps : body + scraps), random)
  const problem = (given: readonly Uint8Array[]): string | undefined => problemOf(given, maxEventBytes)
  return problem(chunks) ? shrink(seed, chunks, problem) : undefined
}
