import { createDeltaWriter } from './delta-writer.ts'
import type { OpenDeltaWriter } from './delta-writer.ts'
import { asObject } from './dialects/json.ts'
import type { Json } from './dialects/json.ts'
import { openaiChat } from './dialects/openai-chat.ts'
import { StreamError } from './errors.ts'
import { PLAIN_TEXT } from './send.ts'
import type { Dialect, DialectReader, MessageDelta, ServerSentEvent } from './types.ts'

/** How OpenAI and most who followed it end a stream. */
const DONE = '[DONE]'

/** How many records, and how many characters of them, may tell no dialect: some servers begin with pings. */
const MAX_UNDECIDED = 256
const MAX_UNDECIDED_LENGTH = 2 ** 20

/** So much of a body that has no events is looked at. */
const MAX_STRAY = 2 ** 20

function isRecord(data: string): boolean {
  try {
    return typeof JSON.parse(data) === 'object'
  } catch {
    return false
  }
}

// Most streams need none of these. Service workers import nothing at run time, and a page may lack the file.
const splitOdd = (text: string): Promise<string[]> =>
  import('./odd-bodies.ts').then(
    ({ splitRecords }) => splitRecords(text),
    () => [],
  )
/** Events that only say that the server is there. */
const PING = /^(ping|heartbeat|keep-?alive)$/i

/** A word of an answer is shorter than a record, even one that was cut. */
const JSON_BEGINNING = /^\s*(\{\s*"|\[\s*[[{"]).{16}/s

/** Errors have the same few shapes everywhere. What has an event's name of its own is the application's own, too. */
function isError(value: unknown, event: ServerSentEvent): boolean {
  const { type, object, error } = asObject(value)
  const isNamed = event.type !== 'message'
  return (
    event.type === 'error' ||
    (!isNamed && (type === 'error' || object === 'error' || (!!error && type === undefined)))
  )
}

/** Turns the events of one stream into deltas, in the dialect that they are in. */
export interface DeltaReader {
  /** The dialect, once it is known. */
  readonly dialect: Dialect | undefined
  /** The stream has said that nothing follows. */
  readonly terminated: boolean
  /** Reads an event; at once, unless something must be imported for it. */
  read(event: ServerSentEvent): void | Promise<void>
  /** The same of an event that the end of the body cut off: of no use unless it is a whole record. */
  readCut(event: ServerSentEvent): void | Promise<void>
  /** The body is over: makes what can be made of what told no dialect. `isWhole`: it did not break. */
  settle(isWhole: boolean): Promise<void>
  /** The stream has ended well: what is left to write. */
  conclude(): void
  /** The deltas that were written since the last call, also if `read` failed. */
  take(): readonly MessageDelta[]
  /** A line of the body that is no field of an event. May give the event that it stands for. */
  onStray(line: string): ServerSentEvent | undefined
  /** What the server calls the body. */
  contentType: string
}

export function createDeltaReader(
  given: Dialect | 'auto' | undefined,
  dialects: readonly Dialect[],
): DeltaReader {
  let dialect: Dialect | undefined
  let reader: DialectReader | undefined
  let writer: OpenDeltaWriter | undefined
  const undecided: (readonly [value: unknown, event: ServerSentEvent])[] = []
  let undecidedLength = 0
  let any = false
  let terminated = false
  /** Why what tells dialects apart is not there. */
  let unloaded: unknown
  let stray = ''

  function use(found: Dialect): void {
    dialect = found
    writer = createDeltaWriter(found.name)
    reader = found.open(writer)
  }

  function fail(message: string, event: ServerSentEvent, cause?: unknown): never {
    const { data, lastEventId } = event
    throw new StreamError('protocol', `${message}: ${data.slice(0, 80)}`, {
      body: data.slice(0, 2000),
      lastEventId,
      cause,
    })
  }
  const failUnknown = (event: ServerSentEvent): never =>
    fail(
      unloaded
        ? 'Other dialects could not be loaded here; give those that you need as `dialects`'
        : 'No known protocol has such records; one of your own can be given as `dialect`',
      event,
      unloaded,
    )

  const importDialect = (value: unknown, event: ServerSentEvent): Promise<Dialect | undefined> =>
    import('./dialects/find-dialect.ts').then(
      ({ findDialect }) => findDialect(value, event, openaiChat),
      (cause) => void (unloaded = cause),
    )

  /** Gives a record to the reader. What is neither an object nor a text that it wants is skipped. */
  function pass(value: unknown, event: ServerSentEvent): void {
    try {
      if (dialect?.json === false) reader?.readText?.(event.data, event)
      else if (Array.isArray(value) && !dialect?.lists) for (const each of value) pass(each, event)
      else {
        if (typeof value === 'string') reader?.readText?.(value, event)
        else if (typeof value === 'object' && value) reader?.read(value as Json, event)
        // Whatever the dialect: what may be an error is one. The first one counts.
        if (isError(value, event)) writer?.fail(value)
      }
    } catch (error) {
      if (error instanceof StreamError) throw error
      fail('An event could not be read', event, error)
    }
  }

  /** Reads what was undecided in the dialect that was found. */
  function choose(found: Dialect): void {
    use(found)
    for (const [value, event] of undecided.splice(0)) {
      // Among words a record says nothing unless its event has a name; among records a word is a greeting.
      const isRecord = typeof value === 'object'
      if (found.json === false ? !isRecord || event.type !== 'message' : isRecord || event.type === 'data') {
        pass(value, event)
      }
    }
  }

  const textDialect = async (name: string, event: ServerSentEvent): Promise<Dialect | undefined> =>
    dialects.find((each) => each.name === name) ?? importDialect(undefined, event)

  /** Finds the dialect of a record; what was undecided before it is read with it. */
  async function decide(value: unknown, event: ServerSentEvent): Promise<void> {
    const { type, data } = event
    const isText = type === PLAIN_TEXT
    const texts = undecided.filter(([each]) => typeof each !== 'object')
    // Signs of life say nothing; but an answer has empty lines, too.
    if (PING.test(type) || (!isText && texts.length === 0 && (value === null || !data.trim()))) return
    undecidedLength += data.length
    undecided.push([value, event])
    let found: Dialect | undefined
    const isEnd = texts.length > 0 && (isError(value, event) || /^(done|end|finish)$/.test(type))
    if (typeof value === 'object' && value && !isEnd) {
      found = dialects.find((each) => each.detect?.(value as Json, event))
      found ??= openaiChat.detect?.(value as Json, event) ? openaiChat : await importDialect(value, event)
    } else {
      // One word may be a greeting. Two are an answer; numbers are none.
      const words = undecided.filter(([each]) => each === undefined || typeof each === 'string')
      if (type === 'data') found = await textDialect('langserve', event)
      else if (isText || isEnd || words.length > 1) found = await textDialect('plain-text', event)
    }
    if (found) choose(found)
    else if (undecided.length > MAX_UNDECIDED || undecidedLength > MAX_UNDECIDED_LENGTH) failUnknown(event)
  }

  /** Two records in one event are two, and lines that are all JSON. */
  async function readRecords(event: ServerSentEvent, cause: unknown): Promise<void> {
    const { data, type } = event
    if (type === 'error') {
      if (!reader) use(openaiChat)
      return writer?.fail(data)
    }
    // What cannot have been meant as JSON is text.
    if (!dialect && !/json/i.test(deltas.contentType) && !JSON_BEGINNING.test(data)) {
      return decide(undefined, event)
    }
    const rest = data.replace(/\s*\[DONE\]\s*$/, '')
    const records = await splitOdd(rest)
    if (records.length < 2 && rest === data) fail('An event is not JSON', event, cause)
    for (const record of records) await deltas.read({ ...event, data: record })
    terminated = rest !== data
  }

  if (typeof given === 'object') use(given)
  else if (given && given !== 'auto') {
    throw new TypeError(
      `dialect: 'auto', or a dialect: import it from @rivulet/core/dialects/${String(given)}`,
    )
  }

  const deltas: DeltaReader = {
    contentType: '',
    get dialect() {
      return dialect
    },
    get terminated() {
      return terminated || !!writer?.ended
    },
    read(event) {
      any = true
      const { data, type } = event
      const isText = type === PLAIN_TEXT
      if (!isText && data.trim() === DONE) {
        terminated = true
        return undefined
      }
      let value: unknown
      if (!isText && dialect?.json !== false) {
        try {
          value = JSON.parse(data.trim() || '0')
        } catch (cause) {
          return readRecords(event, cause)
        }
      }
      return reader ? pass(value, event) : decide(value, event)
    },
    readCut(event) {
      const { data, type } = event
      // A word that is cut tells no dialect, and a terminator that is cut is no word.
      const isUseless = !reader && type !== PLAIN_TEXT && !isRecord(data) && !JSON_BEGINNING.test(data)
      return isUseless || DONE.startsWith(data.trim()) ? undefined : deltas.read(event)
    },
    async settle(isWhole) {
      // Less is a field that is cut off.
      if (isWhole && !any && stray.trim().length >= 'retry:'.length) {
        const event = { type: 'message', data: stray, lastEventId: '' }
        const records = await splitOdd(stray)
        if (records.length === 0) fail('The server answered something else than events', event)
        for (const data of records) await deltas.read({ ...event, data })
      }
      if (reader) return
      // One word, or numbers and the like, are an answer where nothing else comes.
      const [, text] = undecided.find(([value]) => typeof value !== 'object') ?? []
      const found = text && (await textDialect('plain-text', { ...text, type: 'message' }))
      if (found) choose(found)
      else if (isWhole && undecided[0]) failUnknown(undecided[0][1])
    },
    conclude() {
      reader?.end?.()
      writer?.closeTools()
    },
    take: () => writer?.take() ?? [],
    onStray(line) {
      // llama.cpp, until September 2025.
      const data =
        /^error: *(\{.*)/.exec(line)?.[1] ?? (any && line.startsWith('{"error"') ? line : undefined)
      if (data) return { type: 'error', data, lastEventId: '' }
      if (!any && stray.length < MAX_STRAY) stray += `${line}\n`
      return
    },
  }
  return deltas
}
