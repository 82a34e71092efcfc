import { streamMessage } from '@rivulet/core'
import type { Message, MessageDelta, MessageStream, StreamMessageInit, StreamMetrics } from '@rivulet/core'
import { atom, batch } from 'nanostores'
import { chatRequest } from './chat-request.ts'
import type { Prompt } from './chat-request.ts'
import { onFrame } from './schedule.ts'
import type { StreamOptions, StreamStatus, StreamStore } from './types.ts'

/** One `send`: its stream, and what listeners have not heard of yet. */
interface Run {
  stream: MessageStream
  opened: boolean
  /** Its connection was lost, and it goes on where it broke. */
  resuming: boolean
  text: string
  pending: MessageDelta[]
  /** Listeners are hearing of the pending deltas right now. */
  flushing: boolean
  ended: { status: StreamStatus; error?: Error } | undefined
  scheduled: boolean
  cancelFlush: () => void
  settle: () => void
}

const noop = (): void => {}

const asError = (value: unknown): Error =>
  value instanceof Error ? value : new Error(String(value), { cause: value })

/** Runs what may call listeners. A listener's fault is the page's to hear of, not a reason to lose the answer. */
function guard(run: () => void): void {
  try {
    run()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/**
 * A store that asks a model and holds its answer while it comes.
 *
 * Listeners are notified at most once an animation frame, however many deltas arrive, and always with the last.
 * @example
 * const stream = createStream({ url: '/v1/chat/completions', model: 'gpt-4.1-mini' })
 * stream.$text.subscribe((text) => (output.textContent = text))
 * await stream.send('Why is the sky blue?')
 */
export function createStream<Input = Prompt>(options: StreamOptions<Input>): StreamStore<Input> {
  const { url, model, request, schedule = onFrame, onOpen, onAttempt, ...init } = options
  const toBody = request ?? ((input: Input) => chatRequest(input as Prompt, model))
  const $status = atom<StreamStatus>('idle')
  const $message = atom<Message | undefined>()
  const $text = atom('')
  const $error = atom<Error | undefined>()
  const $metrics = atom<StreamMetrics | undefined>()
  const listeners = new Set<(delta: MessageDelta) => void>()
  let current: Run | undefined
  let last: { readonly input: Input } | undefined

  function flush(run: Run): void {
    run.scheduled = false
    // A listener that stops the stream comes here again: the loop that called it goes on and then shows that, so
    // that every listener hears of every delta, in order.
    if (run.flushing) return
    run.flushing = true
    for (const delta of run.pending) {
      if (delta.type === 'text-delta') run.text += delta.delta
      for (const listener of listeners) {
        // A listener may also send anew; then this run is over and shows no more.
        if (run === current) guard(() => listener(delta))
      }
    }
    run.pending = []
    run.flushing = false
    if (run !== current) return
    show(() => {
      $text.set(run.text)
      if (run.text || run.ended || run.stream.message.id) $message.set(run.stream.message)
      $metrics.set(run.stream.metrics)
      if (run.ended?.error) $error.set(run.ended.error)
      if (run.ended) $status.set(run.ended.status)
      else if (run.opened) $status.set(run.resuming ? 'reconnecting' : 'streaming')
    })
    if (run.ended) run.settle()
  }

  /** All atoms are in place before the first listener is called. */
  function show(changes: () => void): void {
    guard(() => batch(changes))
  }

  function flushSoon(run: Run): void {
    if (run !== current || run.scheduled) return
    run.scheduled = true
    const undo = schedule(() => flush(run))
    // It may have run at once.
    if (run.scheduled) run.cancelFlush = undo
  }

  function cancelFlush(run: Run): void {
    if (run.scheduled) run.cancelFlush()
    run.scheduled = false
  }

  function open(input: Input, run: Omit<Run, 'stream'>): MessageStream {
    const own = run as Run
    const handlers: StreamMessageInit = {
      onOpen(response) {
        own.opened = true
        own.resuming = false
        flushSoon(own)
        onOpen?.(response)
      },
      onAttempt(attempt) {
        own.resuming = attempt.resuming
        if (attempt.resuming) flushSoon(own)
        onAttempt?.(attempt)
      },
      onDelta(delta) {
        own.pending.push(delta)
        flushSoon(own)
      },
    }
    try {
      return streamMessage(url, { ...init, ...handlers, body: toBody(input) })
    } catch (error) {
      // A request() that throws ends this answer as any other fault does: the stream fails before it sends.
      return streamMessage(url, {
        headers() {
          throw error
        },
      })
    }
  }

  function start(input: Input): Run {
    const run: Omit<Run, 'stream'> = {
      opened: false,
      resuming: false,
      text: '',
      pending: [],
      flushing: false,
      ended: undefined,
      scheduled: false,
      cancelFlush: noop,
      settle: noop,
    }
    return Object.assign(run, { stream: open(input, run) })
  }

  function send(input: Input): Promise<Message> {
    last = { input }
    // First, as request() may send, too.
    const run = start(input)
    const before = current
    if (before) {
      before.stream.abort()
      cancelFlush(before)
    }
    const settled = new Promise<void>((resolve) => (run.settle = resolve))
    current = run
    before?.settle()
    const end = (status: StreamStatus, error?: Error): void => {
      if (run !== current || run.ended) return
      run.ended = error ? { status, error } : { status }
      flushSoon(run)
    }
    run.stream.finished.then(
      // The server may say itself that somebody stopped it.
      ({ status }) => end(status === 'aborted' ? status : 'done'),
      (error: unknown) => end('error', asError(error)),
    )
    show(() => {
      $message.set(undefined)
      $text.set('')
      $error.set(undefined)
      $metrics.set(undefined)
      $status.set('connecting')
    })
    return settled.then(() => run.stream.message)
  }

  return {
    $status,
    $message,
    $text,
    $error,
    $metrics,
    send,
    stop() {
      const run = current
      if (!run || run.ended) return
      run.ended = { status: 'aborted' }
      run.stream.abort()
      cancelFlush(run)
      flush(run)
    },
    async retry() {
      return last && send(last.input)
    },
    onDelta(listener) {
      // Wrapped, so that the same function can be given twice and each undo takes back its own.
      const own = (delta: MessageDelta): void => listener(delta)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}
