import { once } from 'node:events'

/** How long closing may take before the process ends anyway. */
const CLOSE_MS = 3000

async function nextSignal(): Promise<void> {
  const other = new AbortController()
  const wait = { signal: other.signal }
  await Promise.race([once(process, 'SIGINT', wait), once(process, 'SIGTERM', wait)])
  // Only the first is ours: with no listener left, the second Ctrl-C ends the process at once.
  other.abort()
}

/**
 * Start something, close it on Ctrl-C or SIGTERM, and end the process: with code 0 then, or with 1 and the error
 * in words when it could not start. A second Ctrl-C does not wait for the closing.
 */
export async function runUntilSignal(start: () => Promise<{ close(): Promise<void> }>): Promise<never> {
  try {
    const signal = nextSignal()
    const running = await Promise.race([start(), signal])
    // Nothing that is still being started outlives the process.
    if (!running) process.exit(0)
    await signal
    setTimeout(() => process.exit(0), CLOSE_MS).unref()
    await running.close()
    process.exit(0)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
