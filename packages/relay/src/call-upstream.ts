import type { Call, Calls } from './calls.ts'
import { DeadlineError, withDeadline } from './deadline.ts'
import { mediaType } from './media-type.ts'
import { RelayError } from './relay-error.ts'

/**
 * Sends one request to the upstream and gives its response as soon as the headers are there, whatever its status.
 * Throws a {@link RelayError}: 502 when it cannot be reached, redirects or is no API, 504 when it takes too long.
 * Whoever gets the response must end the call.
 */
export async function callUpstream(
  send: typeof fetch,
  url: string,
  init: { method: string; headers: Headers; body?: Uint8Array },
  call: Call,
  calls: Calls,
  timeoutMs: number,
): Promise<Response> {
  let response: Response | undefined
  try {
    call.signal.throwIfAborted()
    // `manual`, because `error` hides the reason and is refused on Cloudflare Workers; a redirect is never followed.
    const sent = send(url, { ...(init as RequestInit), redirect: 'manual', signal: call.signal })
    response = await withDeadline(sent, timeoutMs)
    call.signal.throwIfAborted()
  } catch (cause) {
    response?.body?.cancel().catch(() => {})
    const error = toRelayError(cause, call, calls, timeoutMs)
    call.abort()
    throw error
  }
  const refusal = refuse(response)
  if (refusal !== undefined) {
    call.abort()
    throw refusal
  }
  return response
}

function refuse(response: Response): RelayError | undefined {
  const { status, type } = response
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return new RelayError(
      502,
      'upstream_redirect',
      'The upstream redirects to another address, which the relay does not follow. Set its base URL to the final one.',
    )
  }
  if (status < 200 || status > 599) {
    return new RelayError(
      502,
      'upstream_not_api',
      `The upstream answered with the odd status ${status}. ${CHECK}`,
    )
  }
  if (response.ok && mediaType(response.headers) === 'text/html') {
    return new RelayError(
      502,
      'upstream_not_api',
      `The upstream answered with a web page, not as an API. ${CHECK}`,
    )
  }
  return undefined
}

const CHECK = "Check the relay's base URL (OPENAI_BASE_URL, with /v1)."

/** Why a call ended on this side, whatever the upstream did then: the relay closes, or the client has left. */
export function interruption(call: Call, calls: Calls): RelayError | undefined {
  if (calls.closed) return new RelayError(503, 'closed', 'The relay is shutting down. Try again later.')
  if (call.signal.aborted) return new RelayError(499, 'client_left', 'The client left before the answer.')
  return undefined
}

function toRelayError(cause: unknown, call: Call, calls: Calls, timeoutMs: number): RelayError {
  const interrupted = interruption(call, calls)
  if (interrupted !== undefined) return interrupted
  if (cause instanceof DeadlineError) {
    const seconds = timeoutMs / 1000
    const message = `The upstream did not answer within ${seconds} s. Try again, or raise timeout.firstByteMs.`
    return new RelayError(504, 'upstream_timeout', message, { cause })
  }
  const code = causeCode(cause)
  // fetch has no time-out for connecting of its own to set; Node's is 10 s and shows itself so.
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    const message = 'The connection to the upstream was not made in time. Check its base URL and the network.'
    return new RelayError(504, 'upstream_timeout', message, { cause })
  }
  const detail = code === undefined ? '' : ` (${code})`
  return new RelayError(502, 'upstream_unreachable', `The upstream cannot be reached${detail}. ${CHECK}`, {
    cause,
  })
}

/** The system's or the runtime's code behind a failed fetch, such as `ECONNREFUSED`: never an address. */
export function causeCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = 'code' in at ? at.code : undefined
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code
  }
  return undefined
}
