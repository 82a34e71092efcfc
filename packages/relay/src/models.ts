import { callUpstream, interruption } from './call-upstream.ts'
import type { RelayHandler } from './context.ts'
import { headersToClient, headersToUpstream } from './forwarded-headers.ts'
import { readBytes, type ReadBytes } from './read-bytes.ts'
import { RelayError } from './relay-error.ts'
import { upstreamFailure } from './upstream-failure.ts'

const MAX_LIST_BYTES = 4 * 1024 * 1024

/** Answers `GET /v1/models` with the upstream's own list. */
export const models: RelayHandler = async (c) => {
  const { options, upstream, calls, redact } = c.var.relay
  const { firstByteMs, idleMs } = options.timeout
  const request = c.req.raw
  const init = { method: 'GET', headers: headersToUpstream(request.headers, upstream) }

  const call = calls.begin(request.signal)
  const response = await callUpstream(options.fetch, upstream.url('/models'), init, call, calls, firstByteMs)
  const headers = headersToClient(response.headers, redact)
  headers.set('content-type', 'application/json')
  headers.set('cache-control', 'no-store')
  c.var.record.noteUpstream(headers)
  try {
    if (!response.ok) {
      const failure = await upstreamFailure(response, redact, idleMs)
      const interrupted = interruption(call, calls)
      if (interrupted !== undefined) throw interrupted
      return new Response(failure, { status: response.status, headers })
    }
    const read = await readBytes(response.body, { maxBytes: MAX_LIST_BYTES, timeoutMs: idleMs }).catch(
      (cause: unknown) => {
        const broken = 'The upstream broke off. Try again.'
        throw interruption(call, calls) ?? new RelayError(502, 'upstream_unreachable', broken, { cause })
      },
    )
    return new Response(listOf(read), { headers })
  } finally {
    call.abort()
  }
}

function listOf(read: ReadBytes): string {
  if (!read.ok && read.reason === 'too-slow') {
    throw new RelayError(
      504,
      'upstream_timeout',
      'The upstream did not give its list of models in time. Try again.',
    )
  }
  const wrong = (what: string): RelayError =>
    new RelayError(
      502,
      'upstream_not_api',
      `The upstream's list of models is ${what}. Check the relay's base URL.`,
    )
  if (!read.ok) throw wrong(`over ${MAX_LIST_BYTES} bytes`)
  const text = new TextDecoder().decode(read.bytes)
  try {
    JSON.parse(text)
  } catch {
    throw wrong('not JSON')
  }
  return text
}
