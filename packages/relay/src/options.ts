import type { Authorize } from './authorize.ts'
import type { RelayLogEntry } from './log.ts'
import type { UpstreamOptions } from './upstream.ts'

/** How long the relay waits, in ms. Connecting is bounded by the platform's fetch (Node: 10 s) and by the first. */
export interface RelayTimeouts {
  /** For the upstream's headers, and again for the first byte after them. Default 120 000. */
  firstByteMs: number
  /** For each next byte of the upstream. Default 60 000. */
  idleMs: number
  /** For the whole body of a request. Default 30 000. */
  bodyMs: number
  /** For a client to take the bytes that are there for it. Default 300 000. */
  unreadMs: number
}

/** What {@link createRelay} is made from. */
export interface RelayOptions {
  /** The provider that answers. */
  upstream: UpstreamOptions
  /** Who may use the relay, decided for each request. `false` says openly: anyone who can reach it. */
  authorize: Authorize | false
  /** Origins of other sites whose pages may use the relay, exact: `https://example.com`. Default none. */
  origins?: readonly string[] | undefined
  /**
   * Names under which the relay answers: `localhost`, `localhost:8787`; others get 421. Default any. The server of
   * `@rivulet/relay/node` checks them itself on loopback; set this when another one listens there.
   */
  hosts?: readonly string[] | undefined
  /** Longest body of a request. Default 4 MiB. */
  maxBodyBytes?: number | undefined
  timeout?: Partial<RelayTimeouts> | undefined
  /** What sends requests to the upstream. Default the global `fetch`. */
  fetch?: typeof fetch | undefined
  /** Called once for each request, when its answer is over. */
  log?: ((entry: RelayLogEntry) => void) | undefined
  /** Called with what went wrong inside, such as an `authorize` that threw. Default `console.error`. */
  onError?: ((error: unknown, requestId: string) => void) | undefined
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  upstream: UpstreamOptions
  authorize: Authorize | false
  origins: readonly string[]
  hosts: readonly string[] | undefined
  maxBodyBytes: number
  timeout: RelayTimeouts
  fetch: typeof fetch
  log: ((entry: RelayLogEntry) => void) | undefined
  onError: (error: unknown, requestId: string) => void
}

const DEFAULT_TIMEOUTS: RelayTimeouts = {
  firstByteMs: 120_000,
  idleMs: 60_000,
  bodyMs: 30_000,
  unreadMs: 300_000,
}

/** Fills in the defaults. Throws a TypeError that says what to write for an option that is missing or wrong. */
export function resolveOptions(options: RelayOptions): ResolvedOptions {
  const { authorize } = options
  if (authorize !== false && typeof authorize !== 'function') {
    throw new TypeError(
      'createRelay needs `authorize`: a function from a Request to the caller (or false for nobody), or `authorize: false` ' +
        'to let anyone use your key.',
    )
  }
  const timeout = { ...DEFAULT_TIMEOUTS }
  for (const [name, ms] of Object.entries(options.timeout ?? {})) {
    if (!(name in timeout)) {
      const names = Object.keys(timeout).join(', ')
      throw new TypeError(`timeout.${name} is unknown. There are: ${names}.`)
    }
    if (ms !== undefined) timeout[name as keyof RelayTimeouts] = positive(`timeout.${name}`, ms)
  }
  return {
    upstream: options.upstream,
    authorize,
    origins: options.origins ?? [],
    hosts: options.hosts,
    maxBodyBytes: positive('maxBodyBytes', options.maxBodyBytes ?? 4 * 1024 * 1024),
    timeout,
    // Late-bound, so that a fetch that is replaced later (instrumentation, tests) is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    log: options.log,
    onError: options.onError ?? ((error, id) => console.error(`@rivulet/relay: request ${id}`, error)),
  }
}

/** The longest delay a timer can have; a longer one would fire at once. */
const MAX_MS = 2 ** 31 - 1

function positive(name: string, value: number): number {
  if (value > 0 && value <= MAX_MS) return value
  throw new TypeError(`${name} must be a number over 0 and at most ${MAX_MS}; it is ${value}.`)
}
