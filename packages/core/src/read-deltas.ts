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
const MAX_UNDECIDED = 64
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
const textDialect = ({ type }: ServerSentEvent): string => (type === 'data' ? 'langserve' : 'plain-text')

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
  /** The body is over: makes what can be made of what told no dialect. */
  settle(): Promise<void>
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
  let undecided: (readonly [value: unknown, event: ServerSentEvent])[] = []
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
      else if (typeof value === 'string') reader?.readText?.(value, event)
      else if (typeof value === 'object' && value) reader?.read(value as Json, event)
    } catch (error) {
      if (error instanceof StreamError) throw error
      fail('An event could not be read', event, error)
    }
  }

  /** Finds the dialect of a record; what was undecided before it is read with it. */
  async function decide(value: unknown, event: ServerSentEvent): Promise<void> {
    const isRecord = typeof value === 'object' && value
    const found =
      dialects.find((each) =>
        isRecord ? each.detect?.(value as Json, event) : value !== 0 && each.name === textDialect(event),
      ) ??
      (isRecord && openaiChat.detect?.(value as Json, event) ? openaiChat : await importDialect(value, event))
    if (!found) {
      undecidedLength += event.data.length
      undecided.push([value, event])
      if (undecided.length > MAX_UNDECIDED || undecidedLength > MAX_UNDECIDED_LENGTH) failUnknown(event)
      return
    }
    use(found)
    for (const each of undecided) pass(...each)
    undecided = []
    pass(value, event)
  }

  /** Two records in one event are two, and lines that are all JSON. */
  async function readRecords(event: ServerSentEvent, cause: unknown): Promise<void> {
    const { data } = event
    // What cannot have been meant as JSON is text.
    if (!dialect && !/json/i.test(deltas.contentType) && !/^\s*(\{\s*"|\[\s*[[{"])/.test(data)) {
      return decide(undefined, event)
    }
    const records = await splitOdd(data)
    if (records.length < 2) fail('An event is not JSON', event, cause)
    for (const record of records) await deltas.read({ ...event, data: record })
  }

  if (given && given !== 'auto') use(given)

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
          // Gemini sends its errors as a list.
          if (Array.isArray(value) && asObject(value[0])['error']) value = value[0]
        } catch (cause) {
          return readRecords(event, cause)
        }
      }
      return reader ? pass(value, event) : decide(value, event)
    },
    readCut(event) {
      // A word that is cut tells no dialect.
      return reader || event.type === PLAIN_TEXT || isRecord(event.data) ? deltas.read(event) : undefined
    },
    async settle() {
      // Less is a field that is cut off.
      if (!any && stray.trim().length >= 'retry:'.length) {
        const event = { type: '', data: stray, lastEventId: '' }
        const records = await splitOdd(stray)
        if (records.length === 0) fail('The server answered something else than events', event)
        for (const data of records) await deltas.read({ ...event, data })
      }
      const first = undecided.find(([value, { data }]) => value !== null && data.trim())
      if (!first) return
      const [value, event] = first
      if (typeof value === 'object' && value) failUnknown(event)
      // Numbers and the like are words where nothing else comes.
      await decide(undefined, { ...event, data: '' })
    },
    conclude() {
      reader?.end?.()
      writer?.closeTools()
    },
    take: () => writer?.take() ?? [],
    onStray(line) {
      // llama.cpp, until September 2025.
      if (/^error: *\{/.test(line)) return { type: 'error', data: line.slice(6), lastEventId: '' }
      if (!any && stray.length < MAX_STRAY) stray += `${line}\n`
      return
    },
  }
  return deltas
}
