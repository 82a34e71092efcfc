import { StreamError } from './errors.ts'

export interface ErrorRecord {
  readonly message: string | undefined
  readonly code: string | undefined
}

interface Loose {
  readonly [name: string]: unknown
}

/** A provider's words go into an error that people read; a megabyte of them helps nobody. */
const MAX_CHARACTERS = 1000

/**
 * The error in a provider's JSON, in any of the shapes that are in use: `{ error: { message, code | type } }`,
 * `{ error: "…" }`, `{ message }`, `{ detail }`, and Gemini's list of the first. What is no text is shown as JSON.
 */
export function readErrorRecord(value: unknown): ErrorRecord {
  const record = ((Array.isArray(value) ? value[0] : value) ?? {}) as Loose
  const error = (record['error'] || record) as Loose | string
  if (typeof error === 'string') {
    // Where both are words, the error is its name.
    const { message } = record
    const named = typeof message === 'string' && message
    return { message: (named || error).slice(0, MAX_CHARACTERS), code: named ? error : undefined }
  }
  const words =
    error['message'] ?? error['detail'] ?? error['errorText'] ?? (error === record ? undefined : error)
  const code = error['code'] ?? error['type']
  // FastAPI lists what it refuses, with the input: a prompt is no part of an error's words.
  const said =
    Array.isArray(words) && words[0]?.msg ? words.map((each: Loose) => each?.['msg']).join('; ') : words
  const message =
    typeof said === 'string'
      ? said
      : JSON.stringify(said, (name, value) => (name === 'input' ? undefined : value))
  return {
    message: message?.slice(0, MAX_CHARACTERS),
    code: /string|number/.test(typeof code) && code ? String(code) : undefined,
  }
}

/** The error that a provider reports inside of a stream. */
export function providerError(cause: unknown): StreamError {
  const { message, code: providerCode } = readErrorRecord(cause)
  return new StreamError('provider', message || 'The provider failed.', { providerCode, cause })
}

/** The same of a relay, which has it as text. */
export function relayError(data: string): StreamError {
  try {
    return providerError(JSON.parse(data))
  } catch {
    return providerError(data)
  }
}
