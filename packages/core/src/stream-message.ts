import { StreamError } from './errors.ts'
import { createMessageBuilder } from './message.ts'
import type { MessageBuilder } from './message.ts'
import { followSignal } from './follow-signal.ts'
import { createMetricsRecorder, createTokenCounter } from './metrics.ts'
import { leaveAtOnce } from './leave-at-once.ts'
import { createDeltaReader } from './read-deltas.ts'
import { readStream } from './read-stream.ts'
import { HANDSHAKE } from './send.ts'
import type { Message, MessageDelta, MessageStream, ServerSentEvent, StreamMessageInit } from './types.ts'

/** Arguments are shown while they come where this can be had; they are whole without it. */
const importPartialJson = (): Promise<MessageBuilder['createPartialJson']> =>
  import('./partial-json.ts').then(
    ({ createPartialJson }) => createPartialJson,
    () => undefined,
  )

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
  const { signal: outer = (input as Request).signal, onDelta } = init
  const controller = new AbortController()
  const { signal } = controller
  const builder = createMessageBuilder()
  const { state } = builder
  const metrics = createMetricsRecorder()
  const countTokens = createTokenCounter(metrics)
  const deltas = createDeltaReader(init.dialect, init.dialects ?? [])
  const transform = init.transform?.()

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
  /** Whether the reader of partial arguments was asked for. */
  let asked = false

  /** Applies what a step has written, and waits until the loop has taken it. */
  async function deliver(step: () => void | Promise<void>): Promise<void> {
    try {
      const wait = step()
      if (wait) await wait
    } finally {
      // What was good before a fault is shown.
      for (const written of deltas.take()) {
        for (const delta of transform?.read(written) ?? [written]) {
          const wait = apply(delta)
          if (wait) await wait
        }
      }
    }
    if (state.error) throw state.error
    changed()
    while (taken < queue.length && !free && !signal.aborted) await untilChanged()
  }

  function apply(delta: MessageDelta): void | Promise<void> {
    if (delta.type === 'tool-input-start' && !asked) {
      asked = true
      return importPartialJson().then((createPartialJson) => {
        builder.createPartialJson = createPartialJson
        return apply(delta)
      })
    }
    signal.throwIfAborted()
    join(delta)
  }

  function join(delta: MessageDelta): void {
    builder.apply(delta)
    countTokens(delta)
    // Who takes the deltas by onDelta need not have them kept for a loop that may never come.
    if (iterated || !onDelta) queue.push(delta)
    onDelta?.(delta)
  }

  /** Its streams end when it says so, and not when a connection does. */
  const isRelay = (): boolean => deltas.contentType.includes(HANDSHAKE)

  const events = readStream(
    input,
    {
      ...init,
      onOpen(response) {
        deltas.contentType = response.headers.get('content-type') ?? ''
        return init.onOpen?.(response)
      },
    },
    signal,
    metrics,
    () => deltas.terminated,
    (event, isSaid) => {
      pending = event
      return !!state.finishReason || (!!deltas.dialect?.endsAtClose && (isSaid || !isRelay()))
    },
    (line) => deltas.onStray(line),
  )

  async function read(): Promise<void> {
    let failure: Partial<StreamError> | undefined
    let delivering = false
    try {
      for await (const event of events) {
        delivering = true
        await deliver(() => deltas.read(event))
        delivering = false
      }
    } catch (error) {
      // With its finish reason in, the answer is whole: what broke then was its epilogue.
      failure = (error ?? {}) as Partial<StreamError>
      if (delivering || !/^(incomplete|timeout|network|http|gone|content-type)$/.test(`${failure.code}`)) {
        throw error
      }
    }
    /** The body has come to its end, if not to the answer's. */
    let isWhole = !failure || (!isRelay() && failure.code === 'incomplete' && !failure.cause)
    try {
      if (pending) await deliver(() => deltas.readCut(pending as ServerSentEvent))
    } catch (error) {
      // What the end of the body cut off is no JSON.
      if ((error as StreamError | undefined)?.code !== 'protocol') throw error
      isWhole = false
    }
    await deliver(() => deltas.settle(isWhole))
    if (!deltas.terminated && !state.finishReason && !(isWhole && deltas.dialect?.endsAtClose)) {
      if (isWhole && !metrics.figures.bytes)
        throw new StreamError('incomplete', 'The server answered with nothing.')
      throw failure ?? new StreamError('incomplete', 'The answer broke off.')
    }
    await deliver(() => deltas.conclude())
  }

  async function run(): Promise<Message> {
    try {
      try {
        await read()
      } finally {
        if (!signal.aborted) for (const delta of transform?.end() ?? []) await apply(delta)
      }
      signal.throwIfAborted()
      builder.close(state.finishReason === 'aborted' ? 'aborted' : 'done')
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
    if (ended || signal.aborted) return
    controller.abort(reason)
    try {
      for (const delta of transform?.end() ?? []) join(delta)
    } catch {
      // What the transform or a listener of the caller's does wrong does not keep the stream from ending.
    }
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
