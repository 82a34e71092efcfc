/** What the relay itself can refuse or report; a stable part of its contract, unlike the message. */
export type RelayErrorCode =
  | 'authorize_failed'
  | 'body_timeout'
  | 'body_too_large'
  | 'client_left'
  | 'closed'
  | 'empty_body'
  | 'host_not_allowed'
  | 'internal'
  | 'invalid_json'
  | 'method_not_allowed'
  | 'not_found'
  | 'origin_not_allowed'
  | 'unauthorized'
  | 'unsupported_encoding'
  | 'unsupported_media_type'
  | 'upstream_error'
  | 'upstream_not_api'
  | 'upstream_redirect'
  | 'upstream_timeout'
  | 'upstream_unreachable'

/** A failure that becomes an answer: `status` and the JSON of {@link errorBody}. Its message is sent to clients. */
export class RelayError extends Error {
  override readonly name = 'RelayError'
  readonly status: number
  readonly code: RelayErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: RelayErrorCode,
    message: string,
    options?: { cause?: unknown; headers?: Record<string, string> },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.status = status
    this.code = code
    this.headers = options?.headers ?? {}
  }
}

/** The body of every answer the relay makes itself, in the shape OpenAI's SDKs read. */
export function errorBody(code: RelayErrorCode, message: string): string {
  return JSON.stringify({ error: { code, message, type: 'relay_error' } })
}

/** Makes the answer that tells a client of the error. */
export function errorResponse(error: RelayError): Response {
  return new Response(errorBody(error.code, error.message), {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/json' },
  })
}
