import { DeadlineError, withDeadline } from './deadline.ts'

/** What became of a body: its bytes, or the limit that it ran into. */
export type ReadBytes = { ok: true; bytes: Uint8Array } | { ok: false; reason: 'too-large' | 'too-slow' }

/**
 * Reads a whole body within limits; the rest of a body that exceeds one is cancelled.
 * `timeoutMs` is for all of it. Rejects when the body itself breaks.
 */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<ReadBytes> {
  if (body === null) return { ok: true, bytes: new Uint8Array() }
  const reader = body.getReader()
  const stop = (reason: 'too-large' | 'too-slow'): ReadBytes => {
    reader.cancel().catch(() => {})
    return { ok: false, reason }
  }
  const readAll = async (): Promise<ReadBytes> => {
    const chunks: Uint8Array[] = []
    let size = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { ok: true, bytes: join(chunks, size) }
      size += value.byteLength
      if (size > limits.maxBytes) return stop('too-large')
      chunks.push(value)
    }
  }
  try {
    return await withDeadline(readAll(), limits.timeoutMs)
  } catch (error) {
    if (error instanceof DeadlineError) return stop('too-slow')
    throw error
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
