import type { Json } from '../dialects/json.ts'

/** The object without what is undefined in it. */
export function defined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

/** The same, and nothing if nothing is left. */
export function definedOrNone(object: Json): Json | undefined {
  const rest = defined(object)
  return Object.keys(rest).length > 0 ? rest : undefined
}

/**
 * Makes ids that an API takes, each once: ids are unique in a provider's message, not over a conversation with several.
 * The same conversation gives the same ids, and a longer one begins with them.
 */
export function createIds(unfit: RegExp, max: number, min = 1): (id: string) => string {
  const given = new Set<string>()
  const counts = new Map<string, number>()
  return (id) => {
    const base = id.replace(unfit, min > 1 ? '' : '_').slice(0, max)
    let count = counts.get(base) ?? 0
    let fit: string
    do {
      const end = count > 0 ? String(count + 1) : ''
      fit = base.slice(0, max - end.length).padEnd(min - end.length, '0') + end
      count++
    } while (given.has(fit))
    counts.set(base, count)
    given.add(fit)
    return fit
  }
}
