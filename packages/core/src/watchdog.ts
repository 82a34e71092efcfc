/** Ends waits that take too long. */
export interface Watchdog {
  /** A wait of at most `limit` milliseconds begins; 0 and Infinity are no limit. */
  wait(limit: number): void
  /** The wait is over. Time between waits (a slow consumer) does not count. */
  rest(): void
  /** No timer is left behind. */
  stop(): void
}

/**
 * One timer for any number of waits: it is not set anew for each chunk, but looks at the clock when it fires.
 */
export function createWatchdog(onTimeout: (limit: number) => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined
  let firesAt = 0
  let limit = 0
  let deadline = Infinity

  function arm(now: number): void {
    // setTimeout fires at once for delays beyond 31 bits.
    const delay = Math.min(deadline - now, 2 ** 31 - 1)
    firesAt = now + delay
    timer = setTimeout(check, delay)
  }

  function check(): void {
    timer = undefined
    if (deadline === Infinity) return
    const now = performance.now()
    // Timers may fire a fraction of a millisecond early.
    if (deadline - now < 1) onTimeout(limit)
    else arm(now)
  }

  return {
    wait(milliseconds) {
      if (!(milliseconds > 0) || milliseconds === Infinity) return
      const now = performance.now()
      limit = milliseconds
      deadline = now + milliseconds
      if (timer !== undefined && firesAt > deadline) {
        clearTimeout(timer)
        timer = undefined
      }
      if (timer === undefined) arm(now)
    },
    rest() {
      deadline = Infinity
    },
    stop() {
      deadline = Infinity
      clearTimeout(timer)
      timer = undefined
    },
  }
}
