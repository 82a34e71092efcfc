/** What a fuzzer has found. */
export interface Fault {
  readonly seed: number
  readonly problem: string
  readonly chunks: readonly Uint8Array[]
  /** Everything above, to be printed: the body as base64, and the sizes that it is cut into. */
  readonly report: string
}

/** The chunks as one. */
export function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const chunk of chunks) length += chunk.length
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** Ever fewer bytes and chunks, as long as there is a problem with them. */
function* simpler(chunks: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  for (let at = 0; at < chunks.length; at++) {
    yield chunks.toSpliced(at, 1)
    if (at > 0) yield chunks.toSpliced(at - 1, 2, join(chunks.slice(at - 1, at + 1)))
  }
  for (const [at, chunk] of chunks.entries()) {
    for (let size = chunk.length >> 1; size >= 1; size >>= 1) {
      for (let from = 0; from + size <= chunk.length; from += size) {
        yield chunks.toSpliced(at, 1, join([chunk.subarray(0, from), chunk.subarray(from + size)]))
      }
    }
  }
}

/** The shortest failing chunks that leaving out leads to. */
export function shrink(
  seed: number,
  chunks: readonly Uint8Array[],
  problemOf: (chunks: readonly Uint8Array[]) => string | undefined,
): Fault {
  let shortest = chunks
  for (let found: readonly Uint8Array[] | undefined = chunks; found;) {
    shortest = found
    found = undefined
    for (const fewer of simpler(shortest)) {
      if (problemOf(fewer) === undefined) continue
      found = fewer
      break
    }
  }
  const problem = problemOf(shortest) ?? 'it is gone when it is looked at again'
  const base64 = btoa(String.fromCharCode(...join(shortest)))
  const sizes = shortest.map((chunk) => chunk.length).join(', ')
  return {
    seed,
    problem,
    chunks: shortest,
    report: `seed ${seed}: ${problem}\nbody ${base64}\nin pieces of ${sizes}`,
  }
}
