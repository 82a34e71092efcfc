import { connect } from './connect.ts'
import { readErrorRecord } from './error-record.ts'
import { StreamError } from './errors.ts'
import { createEventParser } from './event-parser.ts'
import { followSignal } from './follow-signal.ts'
import { createMetricsRecorder } from './metrics.ts'
import type { MetricsRecorder } from './metrics.ts'
import { readEventsObserved } from './read-events.ts'
import { mayTryAgain, retryDelay } from './retry.ts'
import type { Phase } from './retry.ts'
import { HANDSHAKE, methodOf, parseUrl, send } from './send.ts'
import type { Detour } from './send.ts'
import type { CreateParser, EventStream, ServerSentEvent, StreamEventsInit, StreamInit } from './types.ts'

interface Surroundings {
  readonly document?: { readonly hidden: boolean }
  readonly location?: { readonly origin: string }
  readonly navigator?: { readonly onLine?: boolean }
}
const surroundings = globalThis as Surroundings

/** What wakes a machine that slept or brings its network back. A window hears of both, a worker of the first. */
const WAKING = ['online', 'visibilitychange']

/** How long a relay that is told to stop may take to say that it heard. */
const STOP_MS = 10_000

/** How a stream's user knows its end. */
export interface Ends {
  /** Whether this event ends the stream well; asked when it was taken. */
  isLast(event: ServerSentEvent): boolean
  /** Told of a body's clean end and of the event that it cut off. Whether the stream has ended well with it. */
  isEnd(pending: ServerSentEvent | undefined): boolean
}

/** Loaded when a server answers JSON, since most never do. */
async function jsonParser(): Promise<CreateParser> {
  try {
    return (await import('./json-parser.ts')).createJsonParser
  } catch (cause) {
    // Service workers import nothing at run time, and a page may lack the file.
    const message = 'To read JSON here, pass createJsonParser as `parser`.'
    throw new StreamError('content-type', message, { cause })
  }
}

/** A stream is read once, and so is the body of a Request. */
function isReplayable(input: string | URL | Request, { body }: StreamInit, isGet: boolean): boolean {
  if (!body) return isGet || !(input as Request).method
  return typeof body === 'string' || !('getReader' in body || Symbol.asyncIterator in body)
}

/**
 * The one loop over attempts: sends the request, again where that is safe, and resumes what broke. The events are
 * those of one stream, none lost and none twice.
 */
export async function* readStream(
  input: string | URL | Request,
  given: StreamInit,
  signal: AbortSignal,
  metrics: MetricsRecorder,
  { isLast, isEnd }: Ends,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const requestUrl = parseUrl(input)
  const isGet = methodOf(input, given) === 'GET'
  const { idempotencyKey, retry, timeout } = given
  const { connect: connectMs = 30_000, firstEvent = 120_000, idle = 60_000 } = timeout ?? {}
  const options = retry === false ? { limit: 0 } : (retry ?? {})
  const { limit = 3 } = options
  const { location } = surroundings
  // Elsewhere a server would have to allow the header before a browser sends the request at all.
  const mayIdentify = !isGet && (!location || requestUrl?.origin === location.origin)
  const init: StreamInit = {
    ...given,
    idempotencyKey: idempotencyKey ?? (mayIdentify && crypto.getRandomValues(new Uint32Array(4)).join('-')),
  }
  const replayable = isReplayable(input, init, isGet)

  let phase = 'request' as Phase
  /** The id of the last block that was dispatched. */
  let lastEventId = ''
  /** Where the stream is resumed; for a POST not known before its headers are in. */
  let resumeUrl = isGet ? requestUrl : undefined
  /** The server is a relay: it takes `?after=`, marks the end itself and can be told to stop. */
  let relay = false
  let askedMs = 0
  let failures = 0
  let refreshed = false
  let over = false
  let delayMs: number | undefined = 0
  let failure: StreamError | undefined

  /** A browser may lose what it had not read when a connection broke, the first id too; a relay has it still. */
  const isResumable = (): boolean => !!resumeUrl && (relay || !!lastEventId)

  /**
   * The events of one request. Returns why it failed, or undefined when the stream ended well; throws what is
   * nobody's failure: `limit`, the signal's reason, and what the caller's own functions throw.
   */
  async function* attempt(): AsyncGenerator<ServerSentEvent, StreamError | undefined, undefined> {
    const controller = new AbortController()
    let patience = connectMs
    let reading = false
    let waitingSince: number | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let expired: StreamError | undefined
    let pending: ServerSentEvent | undefined
    let detour: Detour | undefined
    const rest = (): void => {
      waitingSince = undefined
      clearTimeout(timer)
    }
    /** Only waits are timed: a slow consumer is no fault of the server's. */
    const onWait = (): void => {
      waitingSince = Date.now()
      // setTimeout fires at once for delays beyond 31 bits.
      if (patience > 0 && patience < 2 ** 31) timer = setTimeout(expire, patience)
    }
    const expire = (): void => {
      expired = new StreamError('timeout', `The server sent nothing for ${patience} ms.`, { retryable: true })
      controller.abort(expired)
    }
    /** Timers stand still while a machine sleeps. And where a stream can be resumed, doubt is enough. */
    const check = (): void => {
      const enough = reading && isResumable() ? patience / 3 : patience
      if (waitingSince === undefined || !patience || surroundings.document?.hidden) return
      if (Date.now() - waitingSince >= enough) expire()
    }
    const unfollow = followSignal(signal, (reason) => controller.abort(reason))
    for (const type of WAKING) globalThis.addEventListener?.(type, check)
    try {
      if (phase === 'resume' && resumeUrl) {
        const url = new URL(resumeUrl)
        if (relay && lastEventId) url.searchParams.set('after', lastEventId)
        detour = { method: 'GET', url, after: relay ? '' : lastEventId }
      }
      onWait()
      const response = await connect(input, init, controller.signal, detour)
      rest()
      if (response instanceof StreamError) return response
      const { headers, status, body } = response
      const type = headers.get('content-type') ?? ''
      metrics.headers(!!detour)
      if (!detour) {
        relay = type.includes(HANDSHAKE)
        const path = headers.get('content-location')
        const base = parseUrl(response.url || input)
        const found = path ? parseUrl(path, base) : undefined
        // Elsewhere the caller's headers are none of the server's business.
        if (found?.origin === base?.origin) resumeUrl ??= found
      }
      phase = 'answer'
      init.onOpen?.(response)
      reading = true
      patience = detour ? idle : firstEvent
      const events = readEventsObserved(
        body,
        {
          signal: controller.signal,
          maxEventBytes: init.maxEventBytes,
          lastEventId,
          onRetry: (milliseconds) => (askedMs = milliseconds),
        },
        {
          onWait,
          onChunk(chunk) {
            rest()
            metrics.chunk(chunk.length)
          },
          onPosition: (id) => (lastEventId = id),
          onPending: (event) => (pending = event),
        },
        init.parser ?? (/json/i.test(type) ? await jsonParser() : createEventParser),
      )
      for await (const event of events) {
        patience = idle
        metrics.event()
        if (relay && event.type === 'rivulet.end') return undefined
        if (relay && event.type === 'rivulet.error') {
          const { message, code } = readErrorRecord(JSON.parse(event.data))
          return new StreamError('provider', message ?? 'The relay failed.', { providerCode: code })
        }
        yield event
        if (isLast(event)) return undefined
      }
      // A relay marks the end itself, and an empty answer to a resume says that there is no more.
      if (isEnd(pending) && (!relay || status === 204)) return undefined
      if (status === 204) resumeUrl = undefined
      return new StreamError('incomplete', 'The answer broke off.')
    } catch (cause) {
      if (expired && cause === expired) return expired
      if (!reading || waitingSince === undefined || controller.signal.aborted) throw cause
      return new StreamError('incomplete', 'The answer broke off: connection lost.', { cause })
    } finally {
      rest()
      unfollow()
      for (const type of WAKING) globalThis.removeEventListener?.(type, check)
      // Whatever is still open of the request ends with the loop.
      controller.abort()
    }
  }

  /** Waits out `delayMs`, or until the browser is online again. */
  async function pause(): Promise<void> {
    let undo: (() => void) | undefined
    try {
      await new Promise<unknown>((resolve, reject) => {
        const unfollow = followSignal(signal, reject)
        const timer = delayMs === undefined ? undefined : setTimeout(resolve, delayMs)
        if (delayMs === undefined) globalThis.addEventListener('online', resolve)
        undo = () => {
          unfollow()
          clearTimeout(timer)
          globalThis.removeEventListener?.('online', resolve)
        }
      })
    } finally {
      undo?.()
    }
  }

  try {
    for (let number = 1; ; number++) {
      signal.throwIfAborted()
      const before = lastEventId
      if (phase === 'answer') phase = 'resume'
      init.onAttempt?.({ number, resuming: phase === 'resume', delayMs, error: failure })
      if (number > 1) await pause()
      metrics.attempt()
      failure = yield* attempt()
      over = !failure
      if (!failure) return
      const failed = phase as Phase
      if (failed === 'answer') refreshed = false
      if (lastEventId !== before) failures = 0
      const { status, retryAfterMs } = failure
      if (
        limit > 0 &&
        !refreshed &&
        typeof init.headers === 'function' &&
        (status === 401 || status === 403) &&
        (replayable || failed === 'resume')
      ) {
        refreshed = true
        delayMs = 0
      } else if (
        failures < limit &&
        mayTryAgain(failure, failed, {
          resumable: isResumable(),
          replayable,
          safe: isGet || !!idempotencyKey,
        })
      ) {
        // Without a network no attempt is worth its while.
        delayMs =
          surroundings.navigator?.onLine === false
            ? undefined
            : retryDelay(++failures, retryAfterMs ?? askedMs, options)
      } else {
        over = true
        // Of a stream that had begun, the same request is no repetition.
        const retryable = failure.retryable && failed === 'request'
        throw Object.assign(failure, { lastEventId, retryable })
      }
      isEnd(undefined)
    }
  } finally {
    if (!over && relay && resumeUrl) {
      // Who leaves wants no more of the answer; else the relay would go on for whoever comes back.
      const url = new URL(resumeUrl)
      url.pathname += '/stop'
      url.search = ''
      send(input, init, AbortSignal.timeout(STOP_MS), { method: 'POST', url }).then(
        (response) => (response as Response).body?.cancel?.(),
        // It will notice by itself that nobody reads.
        () => {},
      )
    }
  }
}

/**
 * Sends a request and reads its events, over as many attempts as that takes.
 *
 * Nothing is sent before the loop begins; it reads no faster than the loop takes, and leaving the loop has ended the
 * request before `break` returns. Before the headers are in, a request that may succeed later is sent again. From
 * then on a POST never is. A stream whose events have ids is resumed after the last one: a GET as EventSource would
 * (`Last-Event-ID`), a POST by a GET of its `Content-Location`. docs/retries.md has the whole table.
 *
 * @throws {StreamError} `http`, `content-type`, `network`, `timeout`, `incomplete`, `limit`, `gone`; from a relay
 * also `provider`.
 * @throws `signal.reason`, as it is, when the signal aborts; what a function of `init` throws.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * @example
 * for await (const { data } of streamEvents('/events', { isLast: ({ data }) => data === '[DONE]' })) console.log(data)
 */
export function streamEvents(input: string | URL | Request, init: StreamEventsInit = {}): EventStream {
  const { signal = (input as Request).signal, isLast } = init
  const controller = new AbortController()
  const abort = (reason?: unknown): void => controller.abort(reason)
  const metrics = createMetricsRecorder()
  const loop = (async function* () {
    const unfollow = followSignal(signal, abort)
    try {
      yield* readStream(input, init, controller.signal, metrics, {
        isLast: (event) => !!isLast?.(event),
        isEnd: () => !isLast,
      })
    } finally {
      unfollow()
      metrics.end()
    }
  })()
  return leaveAtOnce(Object.defineProperty(loop, 'metrics', { get: metrics.snapshot }) as EventStream, abort)
}

/** Of a generator alone, a pending `next()` would hold the leaving up. */
export function leaveAtOnce<T extends AsyncGenerator>(loop: T, abort: () => void): T {
  const leave = loop.return.bind(loop)
  loop.return = (value) => {
    abort()
    return leave(value)
  }
  return loop
}
