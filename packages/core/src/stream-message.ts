import { openaiChat } from './dialects/openai-chat.ts'
import { StreamError } from './errors.ts'
import { createMessageBuilder } from './message.ts'
import { followSignal } from './follow-signal.ts'
import { createMetricsRecorder, createTokenCounter } from './metrics.ts'
import { leaveAtOnce } from './leave-at-once.ts'
import { readStream } from './read-stream.ts'
import type { Message, MessageDelta, MessageStream, ServerSentEvent, StreamMessageInit } from './types.ts'

/** How OpenAI and most who followed it end a stream. */
const DONE = '[DONE]'

/**
 * Sends a request and reads its answer as a message, delta by delta.
 *
 * The request starts at once. A loop over the stream reads no faster than it takes; leaving it cancels the
 * request. Without a loop, `finished` lets the stream run. The answer so far is always in `message`.
 *
 * @throws {StreamError} from the loop and `finished`, never from the call: `network`, `http`, `content-type`,
 * `timeout`, `incomplete`, `gone`, `limit`, `provider`, `protocol`.
 * @throws the abort reason, as it is, after `abort(reason)` or when `init.signal` aborts.
 * @example
 * const stream = streamMessage('/v1/chat/completions', {
 *   body: { model: 'gpt-4.1-mini', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
 * })
 * for await (const delta of stream) if (delta.type === 'text-delta') output.append(delta.delta)
 */
export function streamMessage(input: string | URL | Request, init: StreamMessageInit = {}): MessageStream {
  const { signal: outer = (input as Request).signal, onDelta, dialect = openaiChat } = init
  const controller = new AbortController()
  const { signal } = controller
  const builder = createMessageBuilder()
  const { state } = builder
  const metrics = createMetricsRecorder()
  const countTokens = createTokenCounter(metrics)
  const reader = dialect.open()

  /** What was read and not yet taken by the loop, from `taken` on. */
  let queue: MessageDelta[] = []
  let taken = 0
  let ended = false
  let free = false
  let iterated = false
  const wake: (() => void)[] = []
  /** Whoever waits, the loop or the reader, looks again whether its turn has come. */
  function changed(): void {
    for (const resolve of wake.splice(0)) resolve()
  }
  const untilChanged = (): Promise<void> => new Promise((resolve) => wake.push(resolve))

  let pending: ServerSentEvent | undefined
  let terminated = false

  /** The deltas of an event. None for what is skipped: empty data, and JSON that is no object. */
  function toDeltas(event: ServerSentEvent): readonly MessageDelta[] {
    const { lastEventId } = event
    const data = event.data.trim()
    terminated = data === DONE
    if (terminated) return reader.end()
    try {
      const value: unknown = JSON.parse(data || '0')
      // Gemini sends its errors as a list.
      const record: unknown = Array.isArray(value) ? value[0] : value
      return typeof record === 'object' && record ? reader.read(record as Record<string, unknown>, event) : []
    } catch (cause) {
      throw new StreamError('protocol', `An event is not JSON: ${data.slice(0, 80)}`, { lastEventId, cause })
    }
  }

  /** Applies the deltas of an event, and waits until the loop has taken them. */
  async function deliver(event: ServerSentEvent): Promise<void> {
    for (const delta of toDeltas(event)) {
      signal.throwIfAborted()
      builder.apply(delta)
      countTokens(delta)
      // Who takes the deltas by onDelta need not have them kept for a loop that may never come.
      if (iterated || !onDelta) queue.push(delta)
      onDelta?.(delta)
    }
    if (state.error) throw state.error
    changed()
    while (taken < queue.length && !free && !signal.aborted) await untilChanged()
  }

  const events = readStream(
    input,
    init,
    signal,
    metrics,
    () => terminated,
    (event) => {
      pending = event
      return !!state.finishReason
    },
  )

  async function read(): Promise<void> {
    let failure: unknown
    let delivering = false
    try {
      for await (const event of events) {
        delivering = true
        await deliver(event)
        delivering = false
      }
    } catch (error) {
      // With its finish reason in, the answer is whole: what broke then was its epilogue.
      const { code } = (error ?? {}) as Partial<StreamError>
      if (delivering || !/^(incomplete|timeout|network|http|gone|content-type)$/.test(`${code}`)) throw error
      failure = error
    }
    try {
      if (pending) await deliver(pending)
    } catch (error) {
      // What the end of the body cut off is no JSON.
      if ((error as StreamError | undefined)?.code !== 'protocol') throw error
    }
    if (terminated) return
    if (!state.finishReason) throw failure ?? new StreamError('incomplete', 'The answer broke off.')
    await deliver({ type: 'message', data: DONE, lastEventId: '' })
  }

  async function run(): Promise<Message> {
    try {
      await read()
      signal.throwIfAborted()
      builder.close('done')
      return builder.snapshot()
    } catch (caught) {
      const error: unknown = signal.aborted ? signal.reason : caught
      if (!signal.aborted) builder.close('error', error instanceof StreamError ? error : undefined)
      throw error
    } finally {
      ended = true
      unfollow()
      changed()
    }
  }

  function abort(reason?: unknown): void {
    if (ended) return
    controller.abort(reason)
    builder.close('aborted')
    queue = []
    changed()
  }
  const unfollow = followSignal(outer, abort)

  const result = run()
  result.catch(() => {})

  return {
    get message() {
      return builder.snapshot()
    },
    get metrics() {
      return metrics.snapshot()
    },
    get finished() {
      free = true
      changed()
      return result
    },
    abort,
    [Symbol.asyncIterator]() {
      if (iterated) throw new TypeError('A stream is iterated once.')
      iterated = true
      const loop = (async function* (): AsyncGenerator<MessageDelta, void, undefined> {
        try {
          for (;;) {
            while (taken >= queue.length && !ended) {
              queue = []
              taken = 0
              changed()
              await untilChanged()
            }
            const delta = queue[taken++]
            if (delta) yield delta
            // At its end, well or not.
            else return void (await result)
          }
        } finally {
          abort()
          await result.catch(() => {})
        }
      })()
      return leaveAtOnce(loop, abort)
    },
  }
}
