import { bytesOf } from './feeds.ts'

/** One answer of a {@link createScriptedFetch}. */
export interface ScriptedReply {
  /** Default 200. */
  readonly status?: number
  /** Default `content-type: text/event-stream`. */
  readonly headers?: Readonly<Record<string, string>>
  /** The chunks, or one. An error in their place breaks the body there; default none. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array | Error)[]
  /** The body stays open after its chunks, until it is cancelled or the request aborted. */
  readonly hang?: boolean
  /** The request itself fails with this. */
  readonly fails?: Error
  /** The request is never answered; only an abort ends it. */
  readonly silent?: boolean
}

/** One request that was made of a {@link createScriptedFetch}. */
export interface ScriptedRequest {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: unknown
  readonly signal: AbortSignal | null | undefined
  /** Chunks of the answer that were taken so far. */
  taken: number
  /** The answer's body was cancelled, or its request aborted. */
  cancelled: boolean
}

/** A fetch that answers from a script, and what it was asked. */
export interface ScriptedFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>
  readonly requests: readonly ScriptedRequest[]
  /** Bodies that are neither read to their end nor cancelled. */
  readonly open: number
}

/**
 * A fetch for tests without a network: answers the n-th request with the n-th reply, and fails on one too many.
 * Gives a chunk only when it is asked for, and heeds the signal as the real one does.
 */
export function createScriptedFetch(...replies: readonly ScriptedReply[]): ScriptedFetch {
  const requests: ScriptedRequest[] = []
  let open = 0

  function bodyOf(reply: ScriptedReply, request: ScriptedRequest): ReadableStream<Uint8Array> {
    const { body = [], hang = false } = reply
    const chunks = Array.isArray(body)
      ? [...(body as readonly (string | Uint8Array | Error)[])]
      : [body as string]
    let ended = false
    const end = (): void => {
      if (!ended) open--
      ended = true
    }
    open++
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          request.signal?.addEventListener('abort', () => {
            if (ended) return
            end()
            request.cancelled = true
            controller.error(request.signal?.reason)
          })
        },
        pull(controller) {
          const chunk = chunks.shift()
          if (chunk instanceof Error) {
            end()
            controller.error(chunk)
          } else if (chunk !== undefined) {
            request.taken++
            controller.enqueue(bytesOf(chunk))
          } else if (hang) {
            return new Promise<void>(() => {})
          } else {
            end()
            controller.close()
          }
          return undefined
        },
        cancel() {
          end()
          request.cancelled = true
        },
      },
      { highWaterMark: 0 },
    )
  }

  const scripted = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    init.signal?.throwIfAborted()
    const given = input instanceof Request ? input : undefined
    const request: ScriptedRequest = {
      url: given?.url ?? String(input),
      method: init.method ?? given?.method ?? 'GET',
      headers: new Headers(init.headers ?? given?.headers),
      body: init.body,
      signal: init.signal,
      taken: 0,
      cancelled: false,
    }
    const reply = replies[requests.length]
    requests.push(request)
    if (!reply) throw new Error(`The scripted fetch has no reply number ${requests.length}.`)
    if (reply.fails) throw reply.fails
    if (reply.silent) {
      await new Promise((_, reject) => {
        init.signal?.addEventListener('abort', () => {
          request.cancelled = true
          reject(init.signal?.reason)
        })
      })
    }
    const status = reply.status ?? 200
    const headers = reply.headers ?? { 'content-type': 'text/event-stream' }
    return new Response(status === 204 ? null : bodyOf(reply, request), { status, headers })
  }
  return Object.defineProperties(scripted, {
    requests: { value: requests },
    open: { get: () => open },
  }) as ScriptedFetch
}
