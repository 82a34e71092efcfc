import { isJson, mediaType } from './media-type.ts'
import { readBytes } from './read-bytes.ts'
import { errorBody } from './relay-error.ts'

const MAX_ERROR_BYTES = 64 * 1024
const MAX_EXCERPT = 300

/**
 * The JSON that tells a client of an upstream's failure: the upstream's own when it is a JSON object, otherwise the
 * relay's, with the beginning of a plain text. Secrets are hidden. Never rejects.
 */
export async function upstreamFailure(
  response: Response,
  redact: (text: string) => string,
  timeoutMs: number,
): Promise<string> {
  const type = mediaType(response.headers)
  const read = await readBytes(response.body, { maxBytes: MAX_ERROR_BYTES, timeoutMs }).catch(() => undefined)
  const text = read?.ok ? new TextDecoder().decode(read.bytes) : ''
  return ownJson(text, redact) ?? errorBody('upstream_error', inWords(response.status, type, text, redact))
}

function ownJson(text: string, redact: (text: string) => string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    return JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === 'string') return redact(item)
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
      return Object.fromEntries(Object.entries(item).map(([name, inner]) => [redact(name), inner]))
    })
  } catch {
    return undefined
  }
}

function inWords(status: number, type: string, text: string, redact: (text: string) => string): string {
  const said = `The upstream answered ${status}`
  if (text.trim() === '') return `${said} without a reason.`
  if (type !== 'text/plain')
    return `${said} with ${isJson(type) ? 'broken JSON' : type || 'an unknown type'}.`
  return `${said}: ${redact(text).trim().slice(0, MAX_EXCERPT)}`
}
