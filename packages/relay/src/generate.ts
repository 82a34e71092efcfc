import { callUpstream, interruption } from './call-upstream.ts'
import type { RelayHandler } from './context.ts'
import { headersToClient, headersToUpstream } from './forwarded-headers.ts'
import { mediaType } from './media-type.ts'
import { passBody } from './pass-body.ts'
import { pathBelowVersion, queryToUpstream } from './paths.ts'
import { readJsonRequest } from './request-body.ts'
import { upstreamFailure } from './upstream-failure.ts'

/** Answers a POST to one of the provider's paths in transparent mode: the upstream's bytes as they are. */
export const generate: RelayHandler = async (c) => {
  const { options, upstream, calls, redact } = c.var.relay
  const { timeout } = options
  const request = c.req.raw
  const limits = { maxBytes: options.maxBodyBytes, timeoutMs: timeout.bodyMs }
  const body = await readJsonRequest(request, limits)
  const init = { method: 'POST', headers: headersToUpstream(request.headers, upstream), body }

  const call = calls.begin(request.signal)
  const url = upstream.url(pathBelowVersion(c.req.path), queryToUpstream(request.url))
  const response = await callUpstream(options.fetch, url, init, call, calls, timeout.firstByteMs)
  const headers = headersToClient(response.headers, redact)
  c.var.record.noteUpstream(headers)

  if (!response.ok) {
    const failure = await upstreamFailure(response, redact, timeout.idleMs)
    const interrupted = interruption(call, calls)
    call.abort()
    if (interrupted !== undefined) throw interrupted
    headers.set('content-type', 'application/json')
    headers.set('cache-control', 'no-store')
    return new Response(failure, { status: response.status, headers })
  }
  const isEvents = mediaType(response.headers) === 'text/event-stream'
  headers.set('cache-control', isEvents ? 'no-cache, no-transform' : 'no-store')
  headers.set('x-accel-buffering', 'no')
  if (response.body === null) {
    call.end()
    return new Response(null, { status: response.status, headers })
  }
  const passed = passBody(response.body, call, timeout, c.var.record.passing())
  return new Response(passed, { status: response.status, headers })
}
