/** Numbers that a seed decides; the same in every engine. */
export interface Random {
  /** An integer from 0 up to and without `limit`. */
  below(limit: number): number
  pick<T>(list: readonly T[]): T
}

/** Mulberry32: fast-check's generators cost more than what they would test here. */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  return { below, pick: <T>(list: readonly T[]) => list[below(list.length)] as T }
}
