import { isJson, mediaType } from './media-type.ts'
import { readBytes } from './read-bytes.ts'
import { RelayError } from './relay-error.ts'

/**
 * Reads and checks the body of a POST: one JSON object, not encoded, within size and time.
 * Gives its bytes as they came. Throws a {@link RelayError} of 400, 408, 413 or 415 otherwise.
 */
export async function readJsonRequest(
  request: Request,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity') {
    throw new RelayError(415, 'unsupported_encoding', 'Send the body without a Content-Encoding.')
  }
  if (!isJson(mediaType(request.headers))) {
    throw new RelayError(415, 'unsupported_media_type', 'Send JSON, with Content-Type: application/json.')
  }
  const tooLarge = () =>
    new RelayError(413, 'body_too_large', `The body is over ${limits.maxBytes} bytes. Send a shorter one.`)
  // What is announced as too large is not read at all.
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxBytes) throw tooLarge()

  const read = await readBytes(request.body, limits).catch((cause: unknown) => {
    throw new RelayError(499, 'client_left', 'The body broke off. Send it again, whole.', { cause })
  })
  if (!read.ok && read.reason === 'too-large') throw tooLarge()
  if (!read.ok) {
    const seconds = limits.timeoutMs / 1000
    throw new RelayError(408, 'body_timeout', `The body did not arrive within ${seconds} s. Send it again.`)
  }
  if (read.bytes.byteLength === 0) {
    throw new RelayError(
      400,
      'empty_body',
      'The body is empty. Send a JSON object with "model" and "messages".',
    )
  }
  if (!isJsonObject(read.bytes)) {
    throw new RelayError(400, 'invalid_json', 'The body is not a JSON object in UTF-8. Check its syntax.')
  }
  return read.bytes
}

function isJsonObject(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
