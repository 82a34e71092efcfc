/** What the environment says about the demo itself; the upstream's own variables are read by the relay. */
export interface DemoConfig {
  /** 0 means any free port. */
  readonly port: number
  /** Other origins whose pages may stream from this server. */
  readonly origins: readonly string[]
  /** The model to ask, whatever the upstream lists. */
  readonly model: string | undefined
}

/** Where the demo listens when `PORT` is not set. */
const DEFAULT_PORT = 8787

function readPort(value: string | undefined): number {
  const text = value?.trim()
  if (!text) return DEFAULT_PORT
  const port = /^\d+$/.test(text) ? Number(text) : NaN
  if (port <= 65535) return port
  throw new Error(
    `PORT is “${text}”, but a port is a whole number from 1 to 65535 (0: any free one). ` +
      `For example: PORT=8788 npx -y pnpm@10 start`,
  )
}

function readOrigins(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
}

/**
 * Read `PORT` (default 8787), `RIVULET_ORIGINS` (comma separated, default none) and `OPENAI_MODEL`.
 *
 * Throws an Error in words when `PORT` is no port. Origins are checked by the relay.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): DemoConfig {
  return {
    port: readPort(env.PORT),
    origins: readOrigins(env.RIVULET_ORIGINS),
    model: env.OPENAI_MODEL?.trim() || undefined,
  }
}
