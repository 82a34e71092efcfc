import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { RelayError } from './relay-error.ts'

/** A browser asks again after two hours, the longest that Chromium keeps a preflight. */
const PREFLIGHT_SECONDS = 7200

/** What a browser says of a request that a page of another origin has made, also when it sends no Origin. */
const FROM_ELSEWHERE: ReadonlySet<string> = new Set(['cross-site', 'same-site'])

/**
 * Lets pages of the relay's own origin and of the listed ones in, and refuses all others whatever they send: a page
 * can send some requests without asking first, and some without an Origin, which its browser then tells by
 * Sec-Fetch-Site. Requests with neither do not come from a page.
 * Throws a TypeError for an entry that is no exact origin.
 */
export function createOriginCheck(origins: readonly string[]): MiddlewareHandler[] {
  const allowed = new Set(origins.map(checkOrigin))

  const check: MiddlewareHandler = async (c, next) => {
    const origin = c.req.header('origin')
    const isAllowed =
      origin === undefined
        ? !FROM_ELSEWHERE.has(c.req.header('sec-fetch-site') ?? 'none')
        : allowed.has(origin) || isSameOrigin(origin, c.req.raw)
    if (isAllowed) return next()
    const message =
      origin === undefined
        ? 'Another page may use this relay by a CORS request only, from one of its "origins".'
        : `Pages of ${origin.slice(0, 200)} may not use this relay. Add that origin to its "origins".`
    throw new RelayError(403, 'origin_not_allowed', message, { headers: { vary: 'Origin' } })
  }
  // Without allowHeaders the asked-for names are allowed: official SDKs send a dozen of their own, and none of them
  // matters, because only those on the list in forwarded-headers.ts go any further.
  const answerCors = cors({
    origin: (origin) => (allowed.has(origin) ? origin : null),
    allowMethods: ['GET', 'POST'],
    exposeHeaders: ['content-location', 'retry-after', 'x-request-id'],
    maxAge: PREFLIGHT_SECONDS,
  })
  return [check, answerCors]
}

function isSameOrigin(origin: string, request: Request): boolean {
  // Behind a proxy that ends TLS the relay sees http where the page sees https; the browser knows, and a page cannot
  // set this header.
  return origin === new URL(request.url).origin || request.headers.get('sec-fetch-site') === 'same-origin'
}

function checkOrigin(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin
  const written = JSON.stringify(origin)
  const meant = URL.canParse(origin) ? new URL(origin).origin : 'null'
  const instead = meant === 'null' ? '"https://example.com"' : JSON.stringify(meant)
  throw new TypeError(
    `origins: ${written} is no exact origin. Write ${instead}: scheme, host and port, no slash.`,
  )
}
