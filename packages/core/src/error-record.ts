export interface ErrorRecord {
  readonly message: string
  readonly code: string | undefined
}

interface Loose {
  readonly [name: string]: unknown
}

/**
 * The error in a provider's JSON, in any of the shapes that are in use: `{ error: { message, code | type } }`,
 * `{ error: "…" }`, `{ message }`, `{ detail }`, and Gemini's array of the first. Undefined when there is none.
 */
export function readErrorRecord(value: unknown): ErrorRecord | undefined {
  const record = ((Array.isArray(value) ? value[0] : value) ?? {}) as Loose
  const error = (record['error'] ?? record) as Loose | string
  if (typeof error === 'string') return { message: error, code: undefined }
  const message =
    error['message'] ?? error['detail'] ?? (error === record ? undefined : JSON.stringify(error))
  const code = error['code'] ?? error['type']
  return typeof message === 'string' ? { message, code: code ? String(code) : undefined } : undefined
}
