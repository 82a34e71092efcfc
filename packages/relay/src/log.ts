import { callGuarded } from './call-guarded.ts'
import type { PassEnd } from './pass-body.ts'
import type { RelayErrorCode } from './relay-error.ts'

/** What the relay says of one request when it is over: ids, counts and times; never a prompt, an answer or a key. */
export interface RelayLogEntry {
  /** The relay's id of this request; also the answer's `x-request-id` unless the upstream gave one. */
  id: string
  method: string
  /** The route that matched, such as `/v1/chat/completions`; `/*` for none. Never the address as it was asked for. */
  route: string
  /** The status that was answered. */
  status: number
  /** How the answer ended. */
  end: PassEnd
  /** Why the relay itself refused or failed. */
  code?: RelayErrorCode
  /** The upstream's `x-request-id`, secrets in it hidden. */
  upstreamId?: string
  /** Bytes of the upstream's answer that were passed on. */
  bytes: number
  /** From the request to the answer's headers, in ms. */
  headersMs: number
  /** From the request to the end of the answer, in ms. */
  durationMs: number
}

/** What is written down about one request while it runs. */
export interface LogRecord {
  readonly id: string
  /** Whether the answer's body is passed on: then its end is the request's end. */
  readonly isPassing: boolean
  /** The relay itself refused or failed. */
  noteError(code: RelayErrorCode): void
  /** The upstream answered; these of its headers go to the client. */
  noteUpstream(headers: Headers): void
  /** The answer's headers are known. */
  noteAnswer(route: string, status: number): void
  /** The body will be passed on; gives what to call at its end. */
  passing(): (end: PassEnd, bytes: number) => void
  /** The answer is over; the entry is written. */
  end(end: PassEnd, bytes: number): void
}

/** Begins the record of one request. */
export function createLogRecord(
  method: string,
  log: ((entry: RelayLogEntry) => void) | undefined,
): LogRecord {
  const startedAt = performance.now()
  const sinceStart = (): number => Math.round(performance.now() - startedAt)
  const entry: RelayLogEntry = {
    id: crypto.randomUUID(),
    method,
    route: '/*',
    status: 0,
    end: 'answered',
    bytes: 0,
    headersMs: 0,
    durationMs: 0,
  }
  let isPassing = false
  const end = (how: PassEnd, bytes: number): void => {
    Object.assign(entry, { end: how, bytes, durationMs: sinceStart() })
    callGuarded('the log function', () => log?.({ ...entry }))
  }
  return {
    id: entry.id,
    get isPassing() {
      return isPassing
    },
    noteError(code) {
      entry.code = code
    },
    noteUpstream(headers) {
      const upstreamId = headers.get('x-request-id') ?? headers.get('request-id')
      if (upstreamId !== null) entry.upstreamId = upstreamId
    },
    noteAnswer(route, status) {
      Object.assign(entry, { route, status, headersMs: sinceStart() })
    },
    passing() {
      isPassing = true
      return end
    },
    end,
  }
}
