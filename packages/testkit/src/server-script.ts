/** A stop in a body: a pause, until {@link PlayedScript.open} is called, or bytes that come many times over. */
export type ScriptStop =
  | { readonly pauseMs: number }
  | { readonly gate: string }
  | { readonly repeat: string; readonly times: number }

/** What a script server answers to one request. */
export interface ServerReply {
  /** Default 200. */
  readonly status?: number
  /** Default `content-type: text/event-stream`. What CORS needs comes by itself. */
  readonly headers?: Readonly<Record<string, string>>
  /** Written whole, or piece by piece; a receiver may see neighbouring writes joined. Default none. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array | ScriptStop)[]
  /**
   * How it ends. `cut` destroys the socket after the body; `hang` leaves it open; `drop` destroys it instead of
   * answering, without even a status line. Default `end`.
   */
  readonly finish?: 'end' | 'cut' | 'hang' | 'drop'
}

/** Which requests of another origin a browser may send, and what it may read of the answers. */
export interface CorsPolicy {
  /** Origins that are let in. Default `*`; `[]` lets nobody in. */
  readonly origins?: '*' | readonly string[]
  /** Header names that a preflight allows. Default `content-type` alone. */
  readonly headers?: readonly string[]
  /** Methods that a preflight allows beyond GET, HEAD and POST. Default none. */
  readonly methods?: readonly string[]
  /** Header names of an answer that a page may read. Default none. */
  readonly expose?: readonly string[]
  /** Default: requests with cookies are refused. */
  readonly credentials?: boolean
}

/** What a script server plays under one address. */
export interface ServerScript {
  readonly cors?: CorsPolicy
  /**
   * A list: the n-th request, preflights not counted, gets the n-th reply, and one too many a 500. By path, such as
   * `{ '/a': … }`: any number of requests, in any order; the query does not count, an unknown path is a 404.
   */
  readonly replies: readonly ServerReply[] | Readonly<Record<string, ServerReply>>
}

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string
  /** Beneath the script's address, with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Body bytes of the answer that have left the server so far. */
  readonly sentBytes: number
  /** How the answer ended: whole, cut by the server, or left by the client; missing while it goes on. */
  readonly ended?: 'answered' | 'cut' | 'aborted'
}

/** Where a script server listens: for what is tested, and for the test. */
export interface ScriptServerAddress {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** Another port, so that open streams, six an origin in browsers, do not hold the test up. */
  readonly control: string
}
