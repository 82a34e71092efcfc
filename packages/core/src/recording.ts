/** Bytes of a body, as they came together. */
export type RecordedChunk = {
  /** Milliseconds from the call of `recordStream` until a reader got the chunk. */
  readonly atMs: number
} & (
  | {
      /** The bytes as UTF-8; only where they are whole characters. */
      readonly text: string
    }
  | {
      /** Any other bytes. */
      readonly base64: string
    }
)

/** One answer with the times of its chunks. JSON, as it is: `JSON.stringify` makes the file. */
export interface Recording {
  readonly version: 1
  /** Where the answer came from: without credentials, query and fragment. `""` when unknown. */
  readonly url: string
  readonly status: number
  /** Those that say how the body was to be read and what it passed through; none that says who asked. */
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: readonly RecordedChunk[]
  /** How the body ended: by itself, by an error, because its reader left. Missing while it goes on. */
  readonly end?: 'complete' | 'broken' | 'cancelled'
  /** When it ended, as `atMs`. */
  readonly endMs?: number
  /** The body was longer than what was kept of it. */
  readonly truncated?: boolean
}

/** String.fromCharCode takes its characters as arguments, of which there may be some 65,000. */
const BLOCK = 8192

/** The bytes of a chunk in a form that JSON can hold, exactly. */
export function writeBytes(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    let binary = ''
    for (let at = 0; at < bytes.length; at += BLOCK)
      binary += String.fromCharCode(...bytes.subarray(at, at + BLOCK))
    return { base64: btoa(binary) }
  }
}

function readBytes(chunk: unknown, where: string): Uint8Array {
  const { text, base64 } = Object(chunk) as { text?: unknown; base64?: unknown }
  if (typeof text === 'string' && base64 === undefined) return new TextEncoder().encode(text)
  if (typeof base64 !== 'string' || text !== undefined)
    throw refuse(`${where} needs a string, text or base64`)
  try {
    const binary = atob(base64)
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
    return bytes
  } catch (cause) {
    throw refuse(`${where}.base64 is not base64`, cause)
  }
}

function refuse(why: string, cause?: unknown): TypeError {
  return new TypeError(`This is no recording that can be replayed: ${why}.`, { cause })
}

/** What a replay needs of a recording. */
export interface Replayable {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly chunks: readonly { readonly atMs: number; readonly bytes: Uint8Array }[]
  readonly endMs: number
  /** Why the body is not whole; undefined if it is. */
  readonly broken: string | undefined
}

const isTime = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0

/**
 * Reads a recording, which is a file that came from anywhere.
 *
 * @throws {TypeError} which says what is wrong with it.
 */
export function readRecording(value: unknown): Replayable {
  if (typeof value !== 'object' || !value) throw refuse('it is no object')
  if (Array.isArray(value)) throw refuse('it is a list; replay its recordings one by one')
  const { version, url, status, headers, chunks, end, endMs, truncated } = value as Record<
    keyof Recording,
    unknown
  >
  if (version !== 1) throw refuse(`its version is ${JSON.stringify(version)}, and only 1 is known`)
  if (typeof url !== 'string') throw refuse('url is no string')
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599)
    throw refuse('status is no number from 200 to 599')
  if (typeof headers !== 'object' || !headers || Array.isArray(headers)) throw refuse('headers is no object')
  if (Object.values(headers).some((value) => typeof value !== 'string')) throw refuse('a header is no string')
  let replayed: Headers
  try {
    replayed = new Headers(headers as Record<string, string>)
  } catch (cause) {
    throw refuse('a header has a name or value that HTTP does not allow', cause)
  }
  if (!Array.isArray(chunks)) throw refuse('chunks is no array')
  if (end !== undefined && end !== 'complete' && end !== 'broken' && end !== 'cancelled')
    throw refuse('end is none of complete, broken and cancelled')
  if (endMs !== undefined && !isTime(endMs)) throw refuse('endMs is no time')
  let broken: string | undefined
  if (truncated) broken = 'it was longer than what is recorded'
  else if (end === 'broken') broken = 'connection lost'
  else if (end === 'cancelled') broken = 'its reader left'
  else if (!end) broken = 'it had not ended when the recording was taken'
  return {
    url,
    status: status as number,
    headers: replayed,
    chunks: chunks.map((chunk: unknown, index) => {
      const where = `chunks[${index}]`
      const { atMs } = Object(chunk) as { atMs?: unknown }
      if (!isTime(atMs)) throw refuse(`${where}.atMs is no time`)
      return { atMs, bytes: readBytes(chunk, where) }
    }),
    // What came after what was kept is unknown, and no reason to wait.
    endMs: truncated ? 0 : (endMs ?? 0),
    broken,
  }
}
