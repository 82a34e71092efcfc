import { connect } from './connect.ts'
import { relayError } from './error-record.ts'
import { StreamError } from './errors.ts'
import { createEventParser } from './event-parser.ts'
import type { ParserOptions } from './event-parser.ts'
import { followSignal, untilAborted } from './follow-signal.ts'
import { leaveAtOnce } from './leave-at-once.ts'
import type { MetricsRecorder } from './metrics.ts'
import { readChunks } from './read-chunks.ts'
import { mayTryAgain, retryDelay } from './retry.ts'
import { HANDSHAKE, methodOf, parseUrl, PLAIN_TEXT, send } from './send.ts'
import type { Detour } from './send.ts'
import type { CreateParser, EventParser, ServerSentEvent, StreamInit } from './types.ts'

interface Surroundings {
  readonly document?: { readonly hidden: boolean }
  readonly location?: { readonly origin: string }
  readonly navigator?: { readonly onLine?: boolean }
}
const surroundings = globalThis as Surroundings

/** How long a relay that is told to stop may take to say that it heard. */
const STOP_MS = 10_000

/** Of the ids after which a stream broke, so many are remembered. */
const MAX_PLACES = 1000

const ENDED_EARLY = 'The answer ended too early.'

/** Loaded when a server answers JSON or text, since most never do. */
const importParser = (name: 'createJsonParser' | 'createTextParser'): Promise<CreateParser> =>
  import('./body-parsers.ts').then(
    (parsers) => parsers[name],
    // Service workers import nothing at run time, and a page may lack the file.
    (cause) => {
      throw new StreamError('content-type', `To read this here, pass ${name} as \`parser\`.`, { cause })
    },
  )

/**
 * The one loop over attempts: sends the request, again where that is safe, and resumes what broke. The events are
 * those of one stream, none lost and none twice.
 *
 * @param isLast Whether this event ends the stream well; asked when it was taken.
 * @param isEnd Told of a body's end, of the event that it cut off, and if a relay says that this is the end: whether the
 * stream has ended well with it.
 * @param onStray Told of each line that is no field of an event; may give the event that it stands for. Where it is
 * given, text that is no event stream is read, too.
 */
export function readStream(
  input: string | URL | Request,
  given: StreamInit,
  outer: AbortSignal | null | undefined,
  metrics: MetricsRecorder,
  isLast: ((event: ServerSentEvent) => unknown) | undefined,
  isEnd: (pending?: ServerSentEvent, isSaid?: boolean) => boolean,
  onStray?: (line: string) => ServerSentEvent | undefined,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  /** Ends the attempt. */
  let controller = new AbortController()
  /** Why it failed, if it is the server's or the network's fault; else it is the caller's, and thrown as it is. */
  let failure: StreamError | undefined
  /** Its headers are in. */
  let reading = false
  let patience = 0
  /** NaN while nothing is waited for: no time since then is long enough. */
  let waitingSince = NaN
  let timer: ReturnType<typeof setTimeout> | undefined
  let goOn: (() => void) | undefined
  let left = false
  /** The id of the last block that was dispatched. */
  let lastEventId = ''
  /** Where the stream is resumed; for a POST not known before its headers are in. */
  let resumeUrl: URL | undefined
  /** The server is a relay: it takes `?after=`, marks the end itself and can be told to stop. */
  let relay = false

  /** A browser may lose what it had not read when a connection broke, the first id too; a relay has it still. */
  const isResumable = (): boolean => !!resumeUrl && (relay || !!lastEventId)

  /** Only waits are timed: a slow consumer is no fault of the server's. */
  function wait(milliseconds: number): void {
    patience = milliseconds
    waitingSince = Date.now()
    // setTimeout fires at once for delays beyond 31 bits.
    if (patience > 0 && patience < 2 ** 31) timer = setTimeout(expire, patience)
  }
  function rest(): void {
    waitingSince = NaN
    clearTimeout(timer)
  }
  function expire(): void {
    failure = new StreamError('timeout', `The server sent nothing for ${patience} ms.`, { retryable: true })
    controller.abort(failure)
  }
  /** Timers stand still while a machine sleeps. And where a stream can be resumed, doubt is enough. */
  function check({ type }: Event): void {
    if (type === 'online') goOn?.()
    const enough = reading && isResumable() ? patience / 3 : patience
    if (patience && !surroundings.document?.hidden && Date.now() - waitingSince >= enough) expire()
  }
  /** To what wakes a machine that slept or brings its network back. A window hears of both, a worker of the first. */
  function listen(verb: 'add' | 'remove'): void {
    globalThis[`${verb}EventListener`]?.('online', check as EventListener)
    globalThis[`${verb}EventListener`]?.('visibilitychange', check as EventListener)
  }

  async function* loop(): AsyncGenerator<ServerSentEvent, void, undefined> {
    const { idempotencyKey, retry, timeout = {} } = given
    const { connect: connectMs = 30_000, firstEvent = 120_000, idle = 60_000 } = timeout
    const options = retry || {}
    const { limit = retry === false ? 0 : 3 } = options
    const requestUrl = parseUrl(input)
    const isGet = methodOf(input, given) === 'GET'
    if (isGet) resumeUrl = requestUrl
    const { location } = surroundings
    // Elsewhere a server would have to allow the header before a browser sends the request at all.
    const mayIdentify = !isGet && (!location || requestUrl?.origin === location.origin)
    const init: StreamInit = {
      ...given,
      idempotencyKey: idempotencyKey ?? (mayIdentify && crypto.getRandomValues(new Uint32Array(4)).join('-')),
    }
    const stream = given.body as Partial<ReadableStream> | null | undefined
    // A stream is read once, and so is the body of a Request.
    const replayable = stream
      ? !(stream.getReader || stream[Symbol.asyncIterator])
      : isGet || !(input as Request).method

    let resuming = false
    let askedMs = 0
    /** Ids after which the stream broke. */
    const places = new Set([''])
    let failures = 0
    let refreshed = false
    let over = false
    let delayMs: number | undefined = 0
    const events: ServerSentEvent[] = []
    const unfollow = followSignal(outer, (reason) => controller.abort(reason))
    listen('add')

    try {
      for (let number = 1; ; number++) {
        let detour: Detour | undefined
        let cause: unknown
        let parser: EventParser | undefined
        const { signal } = controller
        signal.throwIfAborted()
        init.onAttempt?.({ number, resuming, delayMs, error: failure })
        failure = undefined
        reading = false
        try {
          if (number > 1) {
            const pause = (resolve: () => void): void => {
              if (delayMs === undefined) goOn = resolve
              else timer = setTimeout(resolve, delayMs)
            }
            await untilAborted(signal, new Promise<void>(pause))
          }
          metrics.figures.attempts = number
          if (resuming && resumeUrl) {
            if (relay && lastEventId) resumeUrl.searchParams.set('after', lastEventId)
            detour = { method: 'GET', url: resumeUrl.href, after: relay ? '' : lastEventId }
          }
          wait(connectMs)
          const response = await connect(input, init, signal, detour, !!onStray)
          rest()
          // Time that is up in the middle of an error's body leaves the error; an abort is an abort.
          if (!failure) signal.throwIfAborted()
          if (response instanceof StreamError) throw (failure = response)
          reading = true
          refreshed = false
          const { headers, status, body } = response
          const type = headers.get('content-type') ?? ''
          metrics.headers(resuming)
          relay ||= type.includes(HANDSHAKE)
          const path = headers.get('content-location')
          const base = parseUrl(response.url || input)
          const found = path ? parseUrl(path, base) : undefined
          // Elsewhere, be it by a redirect, the caller's headers are none of the server's business.
          if (found?.origin === base?.origin && base?.origin === requestUrl?.origin) resumeUrl ??= found
          await untilAborted(signal, Promise.resolve(init.onOpen?.(response)))
          const createParser =
            init.parser ??
            (/json/i.test(type)
              ? await importParser('createJsonParser')
              : /^text\/(plain|markdown)/i.test(type)
                ? await importParser('createTextParser')
                : createEventParser)
          const options: ParserOptions = {
            ...init,
            lastEventId,
            onEvent: (event) => void events.push(event),
            onRetry: (milliseconds) => (askedMs = milliseconds),
            onStray(line) {
              const event = onStray?.(line)
              if (event) events.push(event)
            },
          }
          parser = createParser(options)
          wait(resuming ? idle : firstEvent)
          if (body)
            for await (const chunk of readChunks(body, signal)) {
              rest()
              try {
                parser.push(chunk)
              } finally {
                metrics.chunk(chunk.length, events.length)
                // The events before one that is too large are good.
                for (const event of events.splice(0)) {
                  patience = idle
                  if (relay && event.type === 'rivulet.end') {
                    over = true
                    if (isEnd(undefined, true)) return
                    throw (failure = new StreamError('incomplete', ENDED_EARLY))
                  }
                  if (relay && event.type === 'rivulet.error') throw (failure = relayError(event.data))
                  yield event
                  if (isLast?.(event)) return void (over = true)
                  signal.throwIfAborted()
                }
              }
              lastEventId = parser.lastEventId
              wait(patience)
            }
          rest()
          const pending = parser.end()
          // JSON needs no line end at the end.
          for (const event of events.splice(0)) {
            yield event
            if (isLast?.(event)) return void (over = true)
          }
          // A relay marks the end itself, and an empty answer to a resume says that there is no more. An event that
          // is cut off is void (HTML, 9.2.6); a record that is cut off is missing; text has no other end.
          const isWhole = !pending || createParser === createEventParser || pending.type === PLAIN_TEXT
          if (isEnd(pending) && isWhole && (!relay || status === 204)) return void (over = true)
          if (status === 204) resumeUrl = undefined
        } catch (error) {
          const isOurs = failure ? error === failure : reading && !isNaN(waitingSince) && !signal.aborted
          if (!isOurs) throw error
          cause = error
        }
        rest()
        // Whatever is still open of the request ends with it.
        controller.abort()
        failure ??= new StreamError('incomplete', cause ? 'The connection was lost.' : ENDED_EARLY, {
          retryable: true,
          cause,
        })
        const { status, retryable, retryAfterMs = askedMs } = failure
        // A server that begins anew each time makes no progress.
        if (!places.has(lastEventId)) failures = 0
        if (places.size > MAX_PLACES) places.clear()
        places.add(lastEventId)
        if (
          limit > 0 &&
          !refreshed &&
          typeof init.headers === 'function' &&
          (status === 401 || status === 403) &&
          (replayable || resuming)
        ) {
          refreshed = true
          delayMs = 0
        } else if (
          failures < limit &&
          mayTryAgain(failure, reading, resuming, isResumable(), replayable, isGet || !!idempotencyKey)
        ) {
          // Without a network no attempt is worth its while.
          delayMs =
            // Whose answer has a status has one.
            !status && surroundings.navigator?.onLine === false
              ? undefined
              : retryDelay(++failures, retryAfterMs, options)
        } else {
          over = true
          // What the break cut off may be whole but for its blank line.
          if (cause) isEnd(parser?.end())
          // Of a stream that had begun, the same request is no repetition.
          throw Object.assign(failure, { lastEventId, retryable: retryable && !resuming && !reading })
        }
        resuming ||= reading
        isEnd()
        controller = new AbortController()
        // It may have been aborted while there was nothing left to abort.
        if (left || outer?.aborted) controller.abort(outer?.reason)
      }
    } finally {
      rest()
      unfollow()
      listen('remove')
      controller.abort()
      metrics.end()
      if (!over && relay && resumeUrl) {
        // Who leaves wants no more of the answer; else the relay would go on for whoever comes back.
        resumeUrl.pathname += '/stop'
        resumeUrl.search = ''
        // If it fails, the relay will notice by itself that nobody reads.
        send(input, init, AbortSignal.timeout(STOP_MS), { method: 'POST', url: resumeUrl.href }).catch(
          () => {},
        )
      }
    }
  }

  return leaveAtOnce(loop(), () => {
    left = true
    controller.abort()
  })
}
