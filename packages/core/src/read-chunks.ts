import type { ByteSource } from './types.ts'

interface ChunkReader {
  read(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<unknown>
}

/** What a loop around the chunks wants to know of them. */
export interface ChunkObserver {
  /** Called before each wait for bytes; `onChunk` or the end of the loop ends the wait. */
  onWait(): void
  onChunk(chunk: Uint8Array): void
}

function readerOf(body: ByteSource): ChunkReader {
  // A reader loop rather than the stream's own iterator: Safari has none, and on Node 20 a piped stream is not
  // yet cancelled when cancel() resolves.
  if ('getReader' in body) return body.getReader()
  const iterator = body[Symbol.asyncIterator]()
  return { read: () => iterator.next(), cancel: async () => iterator.return?.() }
}

/**
 * The chunks of a body. Leaving the loop cancels it before it returns. An abort throws `signal.reason`, and ends
 * a pending read whether the source heeds it or not.
 */
export async function* readChunks(
  body: ByteSource,
  signal: AbortSignal | undefined,
  observer?: ChunkObserver,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = readerOf(body)
  const cancel = (): Promise<unknown> => reader.cancel(signal?.reason).catch(() => {})
  let ended = false
  let interrupt: (reason: unknown) => void
  const onAbort = (): void => {
    ended = true
    interrupt(signal?.reason)
    void cancel()
  }
  signal?.addEventListener('abort', onAbort)
  try {
    for (;;) {
      signal?.throwIfAborted()
      observer?.onWait()
      const { done, value } = await new Promise<Awaited<ReturnType<ChunkReader['read']>>>(
        (resolve, reject) => {
          interrupt = reject
          reader.read().then(resolve, reject)
        },
      )
      signal?.throwIfAborted()
      ended = !!done
      if (done) return
      observer?.onChunk(value as Uint8Array)
      yield value as Uint8Array
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // Begun in any case. It is waited for only where nothing else can end the wait: a source may never settle it.
    if (!ended) await (signal ? void cancel() : cancel())
  }
}
