/** One way of cutting a body into chunks. */
export interface Feed {
  /** For the message of a failing test: `"whole"`, `"by byte"`, `"split at 17"`. */
  readonly name: string
  readonly chunks: readonly Uint8Array[]
}

/** The bytes of a text, in UTF-8. */
export function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body
}

/** A body cut into pieces of the given sizes, in turn. */
export function cut(body: string | Uint8Array, ...sizes: readonly number[]): Uint8Array[] {
  const bytes = bytesOf(body)
  const chunks: Uint8Array[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? bytes.length)
    // slice, not subarray: a chunk must not show what its neighbours hold.
    chunks.push(bytes.slice(at, at + size))
    at += size
  }
  return chunks
}

/**
 * Every way of feeding a body that a parser must not be able to tell apart: whole, byte by byte, split in two at
 * every place, with an empty chunk in between, and in pieces of uneven sizes.
 */
export function* everySplit(body: string | Uint8Array): Generator<Feed> {
  const bytes = bytesOf(body)
  yield { name: 'whole', chunks: [bytes] }
  yield { name: 'by byte', chunks: cut(bytes, 1) }
  yield { name: 'in pieces of 7, 1, 64, 333, 3', chunks: cut(bytes, 7, 1, 64, 333, 3) }
  for (let at = 0; at <= bytes.length; at++) {
    yield { name: `split at ${at}`, chunks: [bytes.slice(0, at), new Uint8Array(0), bytes.slice(at)] }
  }
}

/** A stream that gives the chunks one at a time, and only when they are asked for. */
export function streamOf(chunks: Iterable<Uint8Array | string>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.iterator]()
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = iterator.next()
        if (done) controller.close()
        else controller.enqueue(bytesOf(value))
      },
    },
    { highWaterMark: 0 },
  )
}
