/** One request to the upstream that is under way. */
export interface Call {
  /** Aborts when the client has left, when {@link Call.abort} is called and when the relay closes. */
  readonly signal: AbortSignal
  /** Stops the request to the upstream. */
  abort(): void
  /** The call is over: lets go of the client's signal. */
  end(): void
}

/** The calls that are under way. */
export interface Calls {
  readonly running: number
  /** Begins a call that ends when `client` aborts. */
  begin(client: AbortSignal): Call
  /** Aborts all, and every later one at once. */
  close(): void
  readonly closed: boolean
}

/** Keeps account of the calls under way, so that none outlives its client or the relay. */
export function createCalls(): Calls {
  const running = new Set<AbortController>()
  let closed = false
  return {
    get running() {
      return running.size
    },
    get closed() {
      return closed
    },
    begin(client) {
      const controller = new AbortController()
      const abort = (): void => controller.abort()
      const end = (): void => {
        client.removeEventListener('abort', abort)
        running.delete(controller)
      }
      running.add(controller)
      client.addEventListener('abort', abort, { once: true })
      controller.signal.addEventListener('abort', end, { once: true })
      if (client.aborted || closed) abort()
      return { signal: controller.signal, abort, end }
    },
    close() {
      closed = true
      for (const controller of running) controller.abort()
    },
  }
}
