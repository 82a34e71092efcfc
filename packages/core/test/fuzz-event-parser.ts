import { createEventParser } from '../src/event-parser.ts'
import { StreamError } from '../src/errors.ts'
import type { ServerSentEvent } from '../src/types.ts'
import { createHeldBytes } from './held-bytes.ts'
import type { HeldBytes } from './held-bytes.ts'
import { randomCut, randomStream } from './random-stream.ts'
import { createRandom } from './random.ts'
import { readAll } from './read-all.ts'
import { readByTheBook } from './reference-parser.ts'
import type { Reading } from './reference-parser.ts'
import { join, shrink } from './shrink.ts'
import type { Fault } from './shrink.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function sameEvent(a: ServerSentEvent | undefined, b: ServerSentEvent | undefined): boolean {
  return a?.type === b?.type && a?.data === b?.data && a?.lastEventId === b?.lastEventId
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean = Object.is): boolean {
  return a.length === b.length && a.every((value, at) => same(value, b[at] as T))
}

function same(a: Reading, b: Reading): boolean {
  return (
    sameList(a.events, b.events, sameEvent) &&
    sameList(a.comments, b.comments) &&
    sameList(a.retries, b.retries) &&
    a.lastEventId === b.lastEventId &&
    sameEvent(a.pending, b.pending)
  )
}

/** How many events came before `maxEventBytes` was met, if it was. */
function readLimited(
  chunks: readonly Uint8Array[],
  maxEventBytes: number,
): { events: number; limited: boolean } {
  let events = 0
  const parser = createEventParser({ maxEventBytes, onEvent: () => void events++ })
  try {
    for (const chunk of chunks) parser.push(chunk)
    parser.end()
  } catch (error) {
    if (!(error instanceof StreamError) || error.code !== 'limit') throw error
    return { events, limited: true }
  }
  return { events, limited: false }
}

/** What is wrong with how the parser reads these chunks; nothing when all is well. */
function problemOf(chunks: readonly Uint8Array[]): string | undefined {
  const book = readByTheBook(join(chunks))
  try {
    const reading = readAll(chunks)
    if (same(reading, book)) return undefined
    return `it reads ${JSON.stringify(reading)} and the book ${JSON.stringify(book)}`
  } catch (error) {
    return `it throws ${String(error)}`
  }
}

/** As for fatal errors: nothing but the limit, in every cutting at the same event, and where the model has it. */
function limitProblemOf(chunks: readonly Uint8Array[], maxEventBytes: number): string | undefined {
  const body = join(chunks)
  try {
    const whole = readLimited([body], maxEventBytes)
    const cut = readLimited(chunks, maxEventBytes)
    const told = `With a limit of ${maxEventBytes}: cut ${JSON.stringify(cut)}`
    if (whole.limited !== cut.limited || whole.events !== cut.events)
      return `${told}, whole ${JSON.stringify(whole)}`
    // The model counts bytes: U+FFFD, three of them, may stand for one.
    if (/^\uFEFF|\uFFFD/.test(decoder.decode(body))) return undefined
    const { limited, events } = modelOf(body, maxEventBytes)
    if (limited !== cut.limited || events !== cut.events)
      return `${told}, the model ${JSON.stringify({ events, limited })}`
  } catch (error) {
    return `it throws ${String(error)}`
  }
  return undefined
}

function modelOf(body: Uint8Array, maxEventBytes: number): HeldBytes {
  const model = createHeldBytes(maxEventBytes)
  model.push(body)
  return model
}

/**
 * Reads the body of one seed, cut as the seed says and, of one in eight, whole, and holds it to the book. What is
 * wrong comes with the shortest chunks that show it.
 */
export function fuzzEvents(seed: number): Fault | undefined {
  const random = createRandom(seed)
  const body = randomStream(random)
  const chunks = randomCut(body, random)
  if (problemOf(chunks)) return shrink(seed, chunks, problemOf)
  if (random.below(8) === 0 && problemOf([body])) return shrink(seed, [body], problemOf)
  return undefined
}

/** The same for `maxEventBytes`: the body of one seed, with a limit that it may meet. */
export function fuzzLimit(seed: number): Fault | undefined {
  const random = createRandom(seed)
  const chunks = randomCut(randomStream(random), random)
  const maxEventBytes = 1 + random.below(100)
  const problem = (given: readonly Uint8Array[]): string | undefined => limitProblemOf(given, maxEventBytes)
  return problem(chunks) ? shrink(seed, chunks, problem) : undefined
}

/** Parts of events that never end. */
const ENDLESS = [
  'x',
  'data: x',
  'data: é€🙂\n',
  'data\n',
  'data: x\r\n: comment\r\n',
  'id: ',
  ': ',
  'event: a\ndata: b\n',
]
/** Small chunks may be gathered before they are looked at. */
const GATHERED = 1024

/**
 * An event that never ends: what is held beyond the limit is never more than was gathered, and the limit is met, not
 * a byte too early. The report of one that fails has the bytes so far.
 */
export function fuzzEndless(seed: number): Fault | undefined {
  const random = createRandom(seed)
  const unit = new TextEncoder().encode(random.pick(ENDLESS))
  const maxEventBytes = 1 + random.below(4000)
  const most = 1 + random.below(400)
  const model = createHeldBytes(maxEventBytes)
  const parser = createEventParser({ maxEventBytes, onEvent: () => {} })
  const chunks: Uint8Array[] = []
  const faultOf = (what: string): Fault =>
    shrink(seed, chunks, (given) =>
      given === chunks ? `${what} where ${model.held} bytes are held and ${maxEventBytes} may be` : undefined,
    )
  for (let at = 0; model.held <= maxEventBytes + GATHERED;) {
    const chunk = Uint8Array.from(
      { length: 1 + random.below(most) },
      () => unit[at++ % unit.length] as number,
    )
    model.push(chunk)
    chunks.push(chunk)
    try {
      parser.push(chunk)
    } catch (error) {
      const right = error instanceof StreamError && error.code === 'limit' && model.limited
      return right ? undefined : faultOf(`it throws ${String(error)}`)
    }
  }
  return faultOf('it throws nothing')
}
