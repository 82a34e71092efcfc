import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { createAuthorization } from './authorize.ts'
import { callGuarded } from './call-guarded.ts'
import { createCalls } from './calls.ts'
import type { RelayEnv, RelayHandler, RelayParts } from './context.ts'
import { generate } from './generate.ts'
import { createHostCheck } from './hosts.ts'
import { createLogRecord } from './log.ts'
import { models } from './models.ts'
import { type RelayOptions, resolveOptions } from './options.ts'
import { createOriginCheck } from './origins.ts'
import { GENERATE_PATHS, KNOWN_PATHS, pathBelowMount } from './paths.ts'
import { createRedactor } from './redact.ts'
import { errorResponse, RelayError } from './relay-error.ts'
import { createUpstream } from './upstream.ts'

/** A relay: a function from a request to its answer, for any server that speaks fetch. */
export interface Relay {
  /** Answers one request; never rejects. `env` and `ctx` are the platform's own, as Hono takes them. */
  fetch(request: Request, env?: unknown, ctx?: unknown): Promise<Response>
  /** Aborts every request to the upstream that is under way; later ones are answered 503. */
  close(): Promise<void>
}

/**
 * Makes a relay between browsers and an LLM provider, which keeps the provider's key on the server.
 *
 * It answers `POST …/v1/chat/completions`, `/v1/completions`, `/v1/responses` (OpenAI and all who follow it),
 * `/v1/messages` (Anthropic), `/v2/chat` (Cohere), `/v1beta/models/{model}:streamGenerateContent` (Gemini), `/api/chat`
 * and `/api/generate` (Ollama) and `GET …/v1/models`, below any path it is mounted at, and passes the upstream's
 * statuses and bytes on as they are. A client that leaves ends the upstream's request; an upstream that
 * breaks off makes the body fail, never end. In the upstream's headers and in its failures secrets are hidden; what is
 * inside a 200, an error there included, passes as it is. What the relay refuses itself is JSON:
 * `{ "error": { "code", "message", "type": "relay_error" } }`.
 *
 * Throws a TypeError for options that are wrong.
 *
 * @example
 * const relay = createRelay({
 *   upstream: { baseUrl: 'https://api.openai.com/v1', apiKey: process.env.OPENAI_API_KEY },
 *   authorize: (request) => findUser(request.headers.get('cookie')),
 * })
 * app.mount('/llm', relay.fetch)
 */
export function createRelay(options: RelayOptions): Relay {
  const resolved = resolveOptions(options)
  const upstream = createUpstream(resolved.upstream)
  const calls = createCalls()
  const parts: RelayParts = { options: resolved, upstream, calls, redact: createRedactor(upstream.secrets) }

  const app = new Hono<RelayEnv>({ getPath: pathBelowMount })
  app.use(observe(parts))
  if (resolved.hosts !== undefined) app.use(createHostCheck(resolved.hosts))
  app.use(...createOriginCheck(resolved.origins))

  const authorize = createAuthorization(resolved.authorize)
  for (const path of GENERATE_PATHS) {
    app.post(path, authorize, generate)
    app.all(path, only('POST'))
  }
  app.get('/v1/models', authorize, models)
  app.all('/v1/models', only('GET'))
  app.notFound(() => {
    throw new RelayError(
      404,
      'not_found',
      `Nothing is here. There are GET /v1/models, and POST ${KNOWN_PATHS}.`,
    )
  })
  app.onError((error, c) => errorResponse(explain(error, c, parts)))

  return {
    fetch: async (request, env, ctx) => app.fetch(request, env as object, ctx as never),
    close: async () => calls.close(),
  }
}

function observe(parts: RelayParts): MiddlewareHandler<RelayEnv> {
  return async (c, next) => {
    const record = createLogRecord(c.req.method, parts.options.log)
    c.set('relay', parts)
    c.set('record', record)
    await next()
    const { headers, status } = c.res
    headers.set('x-content-type-options', 'nosniff')
    if (!headers.has('x-request-id')) headers.set('x-request-id', record.id)
    record.noteAnswer(routePath(c, -1), status)
    if (!record.isPassing) record.end(status === 499 ? 'aborted' : 'answered', 0)
  }
}

function only(method: string): RelayHandler {
  return () => {
    const message = `Use ${method} here.`
    throw new RelayError(405, 'method_not_allowed', message, { headers: { allow: method } })
  }
}

function explain(error: unknown, c: Context<RelayEnv>, parts: RelayParts): RelayError {
  const isOurs = error instanceof RelayError
  if (!isOurs || error.code === 'authorize_failed')
    callGuarded('onError', () => parts.options.onError(isOurs ? error.cause : error, c.var.record.id))
  const shown = isOurs
    ? error
    : new RelayError(500, 'internal', 'Something went wrong inside the relay. Its log says what.')
  c.var.record.noteError(shown.code)
  return shown
}
