export interface ErrorRecord {
  readonly message: string
  readonly code?: string
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/**
 * The error in a provider's JSON, in any of the shapes that are in use: `{ error: { message, code | type } }`,
 * `{ error: "…" }`, `{ message }`, `{ detail }`, and Gemini's array of the first. Undefined when there is none.
 */
export function readErrorRecord(value: unknown): ErrorRecord | undefined {
  const record: unknown = Array.isArray(value) ? value[0] : value
  if (!isObject(record)) return undefined
  const error = record['error'] ?? record
  if (typeof error === 'string') return { message: error }
  if (!isObject(error)) return undefined
  const message = error['message'] ?? error['detail']
  if (typeof message !== 'string') return error === record ? undefined : { message: JSON.stringify(error) }
  const code = error['code'] ?? error['type']
  return code === undefined || code === null ? { message } : { message, code: String(code) }
}
