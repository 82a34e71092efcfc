import type { ByteSource } from './types.ts'

function streamOf(body: ByteSource): ReadableStream<Uint8Array> {
  if ('getReader' in body) return body
  const iterator = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (() => iterator.return?.()) as UnderlyingSource['cancel'] & {},
    },
    { highWaterMark: 0 },
  )
}

/**
 * The chunks of a body. Leaving the loop cancels it before it returns. An abort throws `signal.reason`, and ends
 * a pending read whether the source heeds it or not.
 */
export async function* readChunks(
  body: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  // A reader loop rather than the stream's own iterator: Safari has none, and on Node 20 a piped stream is not
  // yet cancelled when cancel() resolves.
  const reader = streamOf(body).getReader()
  // On abort this also ends a pending read, whether the source heeds it or not.
  const cancel = (): Promise<void> => reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', cancel)
  try {
    for (;;) {
      let result
      try {
        signal?.throwIfAborted()
        result = await reader.read()
      } finally {
        // A read that was cancelled is done, or has failed with whatever fetch says.
        signal?.throwIfAborted()
      }
      if (result.done) return
      yield result.value
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    const cancelled = cancel()
    // Waited for only where nothing else can end the wait: a source may never settle it.
    if (!signal) await cancelled
  }
}
