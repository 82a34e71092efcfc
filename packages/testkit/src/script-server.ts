import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type {
  CorsPolicy,
  ScriptServerAddress,
  ScriptStop,
  SeenRequest,
  ServerReply,
} from './server-script.ts'
import { startUpstream } from './upstream.ts'
import type { UpstreamEnd, UpstreamReply, UpstreamRequest } from './upstream.ts'

/** A running script server. */
export interface ScriptServer extends ScriptServerAddress {
  /** Destroys every socket and stops listening. */
  close(): Promise<void>
}

type WirePiece = ScriptStop | { readonly base64: string }

interface WireReply extends Omit<ServerReply, 'body'> {
  readonly body: readonly WirePiece[]
}

interface WireScript {
  readonly cors?: CorsPolicy
  readonly replies: readonly WireReply[] | Readonly<Record<string, WireReply>>
}

interface Seen {
  readonly request: UpstreamRequest
  readonly path: string
  end?: UpstreamEnd
}

interface Playing extends WireScript {
  readonly preflights: Seen[]
  readonly requests: Seen[]
  readonly gates: Map<string, { open(): void; readonly opened: Promise<void> }>
  arrivals: (() => void)[]
}

/**
 * Starts a server whose answers a test writes from somewhere else, a browser for instance, through
 * `connectScriptServer`: for what only another origin, a real socket or a real CORS check can show.
 *
 * Every answer has a connection of its own: Chromium sends a request again by itself, a POST too, when a connection that it
 * has used before breaks without an answer.
 */
export async function startScriptServer(): Promise<ScriptServer> {
  const scripts = new Map<string, Playing>()

  const played = await startUpstream((request) => {
    const [, id = '', rest = ''] = /^\/(\w+)(.*)$/.exec(request.path) ?? []
    const script = scripts.get(id)
    return script ? answer(script, request, rest) : plain(404, `No script ${id}`)
  })
  const control = await startUpstream(async (request) => {
    const [, root, id = '', what, name = '', ended] = request.path.split('/')
    if (root !== 'scripts') return plain(404, request.path)
    if (!id) {
      const next = String(scripts.size + 1)
      const script = JSON.parse(request.body) as WireScript
      scripts.set(next, { ...script, preflights: [], requests: [], gates: new Map(), arrivals: [] })
      return json(next)
    }
    const script = scripts.get(id)
    if (!script) return plain(404, `No script ${id}`)
    if (what === 'gates') gateOf(script, decodeURIComponent(name)).open()
    if (what !== 'requests') {
      return json({ preflights: script.preflights.map(toSeen), requests: script.requests.map(toSeen) })
    }
    const seen = await arrival(script, Number(name))
    if (ended) await seen.request.ended
    return json(toSeen(seen))
  })

  return {
    url: played.url,
    control: control.url,
    close: async () => void (await Promise.all([played.close(), control.close()])),
  }
}

function answer(script: Playing, request: UpstreamRequest, rest: string): UpstreamReply {
  const preflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers
  const list = preflight ? script.preflights : script.requests
  const seen: Seen = { request, path: rest || '/' }
  void request.ended.then((end) => (seen.end = end))
  list.push(seen)
  for (const arrived of script.arrivals.splice(0)) arrived()

  const headers: Record<string, string> = {
    connection: 'close',
    ...corsHeaders(script.cors, request.headers['origin'], preflight),
  }
  if (preflight) return { status: 204, headers }
  const { replies } = script
  const path = rest.replace(/\?.*/, '') || '/'
  const reply = Array.isArray(replies)
    ? (replies as readonly WireReply[])[list.length - 1]
    : (replies as Readonly<Record<string, WireReply>>)[path]
  if (!reply) {
    return Array.isArray(replies)
      ? plain(500, `The script has no reply number ${list.length}`, headers)
      : plain(404, `The script has no reply for ${path}`, headers)
  }
  const { status = 200, finish = 'end' } = reply
  // Node's fetch takes a broken chunked body for a whole one when the connection was to be closed after it.
  if (finish === 'cut') delete headers['connection']
  return {
    status,
    headers: { ...headers, ...(reply.headers ?? { 'content-type': 'text/event-stream' }) },
    body: piecesOf(script, reply),
    hang: finish === 'hang',
    drop: finish === 'drop',
  }
}

async function* piecesOf(script: Playing, { body, finish }: WireReply): AsyncGenerator<Uint8Array> {
  for (const piece of body) {
    if ('pauseMs' in piece) await sleep(piece.pauseMs)
    else if ('gate' in piece) await gateOf(script, piece.gate).opened
    else if ('repeat' in piece) {
      const bytes = new TextEncoder().encode(piece.repeat)
      for (let i = 0; i < piece.times; i++) yield bytes
    } else yield Buffer.from(piece.base64, 'base64')
  }
  if (finish !== 'cut') return
  // What was written leaves the process first.
  await nextTurn()
  throw new Error('cut')
}

function gateOf(script: Playing, name: string): { open(): void; readonly opened: Promise<void> } {
  const known = script.gates.get(name)
  if (known) return known
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const gate = { open, opened }
  script.gates.set(name, gate)
  return gate
}

async function arrival(script: Playing, index: number): Promise<Seen> {
  for (;;) {
    const seen = script.requests[index]
    if (seen) return seen
    await new Promise<void>((resolve) => script.arrivals.push(resolve))
  }
}

function toSeen({ request, path, end }: Seen): SeenRequest {
  const { method, headers, body, sentBytes } = request
  return { method, path, headers, body, sentBytes, ...(end && { ended: end }) }
}

function corsHeaders(
  {
    origins = '*',
    headers = ['content-type'],
    methods = [],
    expose = [],
    credentials = false,
  }: CorsPolicy = {},
  origin: string | undefined,
  preflight: boolean,
): Record<string, string> {
  if (!origin || !(origins === '*' || origins.includes(origin))) return {}
  return {
    // A wildcard is no permission for requests with cookies.
    'access-control-allow-origin': origins === '*' && !credentials ? '*' : origin,
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
    ...(preflight && {
      'access-control-allow-headers': headers.join(', '),
      'access-control-allow-methods': methods.join(', '),
      // Else a preflight of five seconds ago would do, and a test would not see one.
      'access-control-max-age': '0',
    }),
    ...(expose.length > 0 && { 'access-control-expose-headers': expose.join(', ') }),
  }
}

function json(value: unknown): UpstreamReply {
  const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*' }
  return { headers, body: JSON.stringify(value) }
}

function plain(status: number, body: string, headers: Record<string, string> = {}): UpstreamReply {
  return {
    status,
    body,
    headers: { 'content-type': 'text/plain', 'access-control-allow-origin': '*', ...headers },
  }
}
