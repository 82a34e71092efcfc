import { readAttempt } from './attempt.ts'
import { openaiChat } from './dialects/openai-chat.ts'
import { StreamError } from './errors.ts'
import { createMessageBuilder } from './message.ts'
import { createMetricsRecorder } from './metrics.ts'
import type { Message, MessageDelta, MessageStream, ServerSentEvent, StreamMessageInit } from './types.ts'

const DONE = '[DONE]'

function abortError(): DOMException {
  return new DOMException('The stream was aborted.', 'AbortError')
}

/** The record of an event; undefined for what is skipped: empty data and JSON that is no object. */
function parseRecord({ data, lastEventId }: ServerSentEvent): Record<string, unknown> | undefined {
  if (data.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch (cause) {
    const beginning = data.length > 80 ? `${data.slice(0, 80)}…` : data
    throw new StreamError('protocol', `An event is not JSON: ${beginning}`, { lastEventId, cause })
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** Whether an event that the end of the body cut off is whole by itself. */
function isWhole({ data }: ServerSentEvent): boolean {
  if (data === DONE) return true
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}

/**
 * Sends a request and reads its answer as a message, delta by delta.
 *
 * The request starts at once. A loop over the stream reads no faster than it takes; leaving it cancels the
 * request. Without a loop, `finished` lets the stream run. The answer so far is always in `message`.
 *
 * @throws {StreamError} from the loop and `finished`, never from the call: `network`, `http`, `content-type`,
 * `timeout`, `incomplete`, `limit`, `provider`, `protocol`.
 * @throws the abort reason, as it is, after `abort(reason)` or when `init.signal` aborts.
 * @example
 * const stream = streamMessage('/v1/chat/completions', {
 *   body: { model: 'gpt-4.1-mini', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
 * })
 * for await (const delta of stream) if (delta.type === 'text-delta') output.append(delta.delta)
 */
export function streamMessage(input: string | URL | Request, init: StreamMessageInit = {}): MessageStream {
  const controller = new AbortController()
  const builder = createMessageBuilder()
  const metrics = createMetricsRecorder()
  const reader = (init.dialect ?? openaiChat).open()

  async function* read(): AsyncGenerator<readonly MessageDelta[], void, undefined> {
    let pending: ServerSentEvent | undefined
    let finished = false
    const readEvent = (event: ServerSentEvent): readonly MessageDelta[] => {
      const record = parseRecord(event)
      const deltas = record ? reader.read(record, event) : []
      finished ||= deltas.some(({ type }) => type === 'finish')
      return deltas
    }
    try {
      const events = readAttempt(input, init, controller.signal, {
        metrics,
        onPending: (event) => (pending = event),
      })
      for await (const event of events) {
        if (event.data === DONE) return yield reader.end()
        yield readEvent(event)
      }
    } catch (error) {
      // With its finish reason in, the answer is whole; what broke was its epilogue.
      const broke = error instanceof StreamError && (error.code === 'incomplete' || error.code === 'timeout')
      if (!finished || !broke) throw error
    }
    if (pending && isWhole(pending)) {
      if (pending.data === DONE) finished = true
      else yield readEvent(pending)
    }
    if (!finished) {
      throw new StreamError(
        'incomplete',
        'The answer broke off: the stream ended without a finish reason or a terminator.',
      )
    }
    yield reader.end()
  }

  /** What was read and not yet taken by the loop, from `head` on. */
  let queue: MessageDelta[] = []
  let head = 0
  let ended = false
  let failed = false
  let failure: unknown
  let free = false
  let iterated = false
  let wakeLoop = (): void => {}
  let wakeReader = (): void => {}

  function enqueue(delta: MessageDelta): void {
    const last = free && queue.length > head ? queue.at(-1) : undefined
    // Nobody may ever come for these: kept by part, they are no larger than the message.
    if (last && 'delta' in last && 'delta' in delta && last.type === delta.type && last.part === delta.part) {
      queue[queue.length - 1] = { ...last, delta: last.delta + delta.delta }
    } else {
      queue.push(delta)
    }
  }

  function dequeue(): MessageDelta | undefined {
    const delta = queue[head++]
    if (head >= queue.length) clearQueue()
    return delta
  }

  function clearQueue(): void {
    queue = []
    head = 0
  }

  function take(deltas: readonly MessageDelta[]): void {
    for (const delta of deltas) {
      builder.apply(delta)
      metrics.delta(delta)
      enqueue(delta)
      init.onDelta?.(delta)
    }
    for (const delta of deltas) if (delta.type === 'error') throw delta.error
  }

  async function run(): Promise<Message> {
    try {
      for await (const deltas of read()) {
        controller.signal.throwIfAborted()
        take(deltas)
        if (queue.length === 0) continue
        wakeLoop()
        while (queue.length > 0 && !free && !controller.signal.aborted) {
          await new Promise<void>((resolve) => (wakeReader = resolve))
        }
      }
      controller.signal.throwIfAborted()
      builder.close('done')
      return builder.snapshot()
    } catch (error) {
      failed = true
      failure = error
      if (!controller.signal.aborted) builder.close('error', error instanceof StreamError ? error : undefined)
      throw error
    } finally {
      ended = true
      metrics.end()
      init.signal?.removeEventListener('abort', forward)
      wakeLoop()
    }
  }

  function abort(reason: unknown = abortError()): void {
    if (ended) return
    controller.abort(reason)
    builder.close('aborted')
    clearQueue()
    wakeReader()
  }
  function forward(): void {
    abort(init.signal?.reason)
  }
  if (init.signal?.aborted) forward()
  else init.signal?.addEventListener('abort', forward, { once: true })

  const finished = run()
  finished.catch(() => {})

  return {
    get message() {
      return builder.snapshot()
    },
    get metrics() {
      return metrics.snapshot()
    },
    get finished() {
      free = true
      wakeReader()
      return finished
    },
    abort,
    [Symbol.asyncIterator]() {
      if (iterated) throw new TypeError('A message stream can be iterated once. Its answer is in `message`.')
      iterated = true
      return {
        async next() {
          while (queue.length === 0 && !ended) {
            wakeReader()
            await new Promise<void>((resolve) => (wakeLoop = resolve))
          }
          const delta = dequeue()
          if (delta) return { done: false, value: delta }
          if (failed) {
            failed = false
            throw failure
          }
          return { done: true, value: undefined }
        },
        async return() {
          abort()
          clearQueue()
          await finished.catch(() => {})
          return { done: true, value: undefined }
        },
      }
    },
  }
}
