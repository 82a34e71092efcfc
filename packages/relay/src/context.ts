import type { Handler } from 'hono'
import type { Calls } from './calls.ts'
import type { LogRecord } from './log.ts'
import type { ResolvedOptions } from './options.ts'
import type { Upstream } from './upstream.ts'

/** What the relay's routes share. */
export interface RelayParts {
  readonly options: ResolvedOptions
  readonly upstream: Upstream
  readonly calls: Calls
  /** Hides the relay's secrets in a text. */
  readonly redact: (text: string) => string
}

/** The variables of a request's Hono context. */
export interface RelayEnv {
  Variables: { relay: RelayParts; record: LogRecord }
}

/** A route of the relay. */
export type RelayHandler = Handler<RelayEnv>
