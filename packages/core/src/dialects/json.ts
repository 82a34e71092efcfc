/** A JSON object of which nothing is known. */
export type Json = Record<string, unknown>

// Nothing of the wire is trusted to have its documented type: what has another is read as empty.
export const asObject = (value: unknown): Json => (typeof value === 'object' && value ? (value as Json) : {})
export const asList = (value: unknown): Json[] => (Array.isArray(value) ? value.map(asObject) : [])
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '')
export const asNumber = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined
/** The sum of those that are numbers; `undefined` if none is. */
export function sum(...values: unknown[]): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number')
  return numbers.length > 0 ? numbers.reduce((total, each) => total + each, 0) : undefined
}
