/** A body that the test releases piece by piece; see {@link createHeldBody}. */
export interface HeldBody extends AsyncIterable<string | Uint8Array> {
  /** Sends one more piece. */
  release(piece: string | Uint8Array): void
  /** Ends the body well. */
  end(): void
  /** Breaks it off: the upstream destroys the socket. */
  cut(): void
}

/**
 * Makes a body for `startUpstream` of which nothing is sent before the test says so. For one request.
 *
 * @example
 * const body = createHeldBody()
 * const upstream = await startUpstream({ body })
 * body.release('data: a\n\n')
 */
export function createHeldBody(): HeldBody {
  const released: (string | Uint8Array)[] = []
  let state: 'open' | 'ended' | 'cut' = 'open'
  let wake: () => void = () => {}
  return {
    release(piece) {
      if (state !== 'open') throw new Error('The body is over')
      released.push(piece)
      wake()
    },
    end() {
      state = 'ended'
      wake()
    },
    cut() {
      state = 'cut'
      wake()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const piece = released.shift()
        if (piece !== undefined) yield piece
        else if (state === 'cut') throw new Error('cut by the test')
        else if (state === 'ended') return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}
