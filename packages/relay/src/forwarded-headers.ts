import type { Upstream } from './upstream.ts'

/** What a client may tell the upstream. Everything else stays here: cookies, authorization, hop-by-hop, origin. */
const TO_UPSTREAM = [
  'content-type',
  'accept',
  'idempotency-key',
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
  'traceparent',
  'tracestate',
]

/** What the upstream may tell a client. Not its cookies, its account's names or limits, nor a length or encoding. */
const TO_CLIENT = [
  'content-type',
  'openai-processing-ms',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-request-id',
  'x-should-retry',
]

/** The headers of the request to the upstream: the client's by allow-list, then the relay's own. */
export function headersToUpstream(client: Headers, upstream: Upstream): Headers {
  const headers = pick(client, TO_UPSTREAM)
  const accept = headers.get('accept')
  // The handshake for a resumable stream is between client and relay.
  if (accept !== null) headers.set('accept', accept.replace(/\s*;\s*rivulet=\d+/gi, ''))
  // A compressed event stream is buffered by whoever compresses it.
  headers.set('accept-encoding', 'identity')
  for (const [name, value] of upstream.headers) headers.set(name, value)
  return headers
}

/** The headers of the answer to the client: the upstream's by allow-list, secrets in them hidden. */
export function headersToClient(upstream: Headers, redact: (text: string) => string): Headers {
  const headers = pick(upstream, TO_CLIENT)
  for (const [name, value] of headers) headers.set(name, redact(value))
  return headers
}

function pick(from: Headers, names: readonly string[]): Headers {
  const headers = new Headers()
  for (const name of names) {
    const value = from.get(name)
    if (value !== null) headers.set(name, value)
  }
  return headers
}
