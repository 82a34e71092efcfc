import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

type Bytes = string | Uint8Array

/** What the upstream answers to one request. */
export interface UpstreamReply {
  /** Default 200. */
  status?: number
  /** Default: `content-type: text/event-stream`. */
  headers?: Record<string, string>
  /** The whole body, or an async iterable of pieces, which the test holds and releases itself; its throwing cuts. */
  body?: Bytes | AsyncIterable<Bytes>
  /**
   * Sizes in bytes of the writes a whole body is cut into; the last size repeats. Default: one write.
   * A receiver may see neighbouring writes joined unless there is a pause between them.
   */
  pieces?: number | readonly number[]
  /** Pause in ms before each write; of a list, the last one repeats. Default 0. */
  pauseMs?: number | readonly number[]
  /** Destroys the socket after this many body bytes; 0 is right after the headers. */
  cutAfter?: number
  /** Destroys the socket instead of answering: not even a status line. */
  drop?: boolean
  /** After the body the answer never ends. */
  hang?: boolean
  /** Called after each write has left the process: index of the write from 0, body bytes sent so far. */
  onPiece?: (index: number, sentBytes: number) => void
}

/** How an answer ended: whole, cut by the upstream itself, or left by the client. */
export type UpstreamEnd = 'answered' | 'cut' | 'aborted'

/** One request as the upstream saw it. */
export interface UpstreamRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as text. */
  readonly body: string
  /** Body bytes of the answer that have left the process so far. */
  readonly sentBytes: number
  /** Resolves, never rejects, when the answer is over. */
  readonly ended: Promise<UpstreamEnd>
}

/** A running upstream. */
export interface Upstream {
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  readonly url: string
  /** All requests so far whose body has arrived, in order. */
  readonly requests: readonly UpstreamRequest[]
  /** Open sockets, idle keep-alive ones included. */
  readonly connections: number
  /** Answers that have not ended. */
  readonly running: number
  /** Resolves with the request of this index (from 0), as soon as it has arrived. */
  request(index: number): Promise<UpstreamRequest>
  /** Destroys every socket and stops listening. */
  close(): Promise<void>
}

const MAX_BODY_BYTES = 64 * 1024 * 1024

/**
 * Starts an HTTP server on a free loopback port that replays one reply, or what a function makes of each
 * request, with chosen write sizes, pauses and cuts. A function that throws answers 500 with the error's text.
 *
 * @example
 * const upstream = await startUpstream({ body: 'data: a\n\ndata: b\n\n', pieces: 1, cutAfter: 12 })
 */
export async function startUpstream(
  reply: UpstreamReply | ((request: UpstreamRequest) => UpstreamReply | Promise<UpstreamReply>),
): Promise<Upstream> {
  const requests: UpstreamRequest[] = []
  const arrivals: (() => void)[] = []
  let connections = 0
  let running = 0

  const server = createServer((incoming, response) => void answer(incoming, response))
  server.on('connection', (socket) => {
    connections++
    socket.once('close', () => connections--)
  })

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    running++
    const state: ReplayState = { sentBytes: 0, end: 'aborted' }
    const closed = new Promise<void>((resolve) => response.once('close', resolve))
    const ended = closed.then(() => {
      running--
      return state.end === 'answered' && !response.writableFinished ? 'aborted' : state.end
    })
    const body = await readBody(incoming).catch(() => undefined)
    if (body === undefined) return
    const request: UpstreamRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]),
      ),
      body,
      get sentBytes() {
        return state.sentBytes
      },
      ended,
    }
    requests.push(request)
    for (const arrived of arrivals.splice(0)) arrived()
    try {
      const chosen = typeof reply === 'function' ? await reply(request) : reply
      await replay(chosen, response, closed, state)
    } catch (error) {
      if (response.headersSent) return cut(response, state)
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(String(error))
      state.end = 'answered'
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    get running() {
      return running
    },
    async request(index) {
      for (;;) {
        const request = requests[index]
        if (request !== undefined) return request
        await new Promise<void>((resolve) => arrivals.push(resolve))
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface ReplayState {
  sentBytes: number
  end: UpstreamEnd
}

async function replay(
  reply: UpstreamReply,
  response: ServerResponse,
  closed: Promise<void>,
  state: ReplayState,
): Promise<void> {
  if (reply.drop) return cut(response, state)
  response.writeHead(reply.status ?? 200, reply.headers ?? { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  const left = closed.then(() => undefined)
  const pieces = toPieces(reply)[Symbol.asyncIterator]()
  for (let index = 0; ; index++) {
    if (state.sentBytes === reply.cutAfter) {
      await nextTurn()
      return cut(response, state)
    }
    // A piece that the test holds back must not hold the loop when the client has left.
    const next = await Promise.race([pieces.next(), left])
    if (next === undefined) return void pieces.return()
    if (next.done) break
    const room = (reply.cutAfter ?? Infinity) - state.sentBytes
    const piece = toBytes(next.value).subarray(0, room)
    await Promise.race([new Promise((resolve) => response.write(piece, resolve)), left])
    if (response.destroyed) return
    state.sentBytes += piece.byteLength
    reply.onPiece?.(index, state.sentBytes)
  }
  if (reply.hang) return
  state.end = 'answered'
  response.end()
}

function cut(response: ServerResponse, state: ReplayState): void {
  state.end = 'cut'
  response.destroy()
}

async function* toPieces(reply: UpstreamReply): AsyncGenerator<Bytes, void, undefined> {
  const { body = '' } = reply
  const pause = at(reply.pauseMs ?? 0)
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    for await (const piece of body) if (piece.length > 0) yield piece
    return
  }
  const bytes = toBytes(body)
  const size = at(reply.pieces ?? bytes.byteLength)
  for (let start = 0, index = 0; start < bytes.byteLength; index++) {
    const ms = pause(index)
    await (ms > 0 ? sleep(ms) : nextTurn())
    const end = start + Math.max(1, size(index))
    yield bytes.subarray(start, end)
    start = end
  }
}

function at(values: number | readonly number[]): (index: number) => number {
  return (index) => (typeof values === 'number' ? values : (values[Math.min(index, values.length - 1)] ?? 0))
}

function toBytes(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES) {
      incoming.destroy()
      throw new RangeError(`Request body over ${MAX_BODY_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
