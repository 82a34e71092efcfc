import type { MiddlewareHandler } from 'hono'
import { withDeadline } from './deadline.ts'
import { RelayError } from './relay-error.ts'

/**
 * Decides who may use the relay: anything truthy is the caller, `false`, `null` or `undefined` is nobody (401), a
 * Response is the answer. To read the body, clone the request first. What it throws becomes a 500 without details.
 */
export type Authorize = (request: Request) => unknown

const AUTHORIZE_MS = 30_000

/** Lets through whom `authorize` names; `false` lets everybody through. */
export function createAuthorization(authorize: Authorize | false): MiddlewareHandler {
  return async (c, next) => {
    if (authorize === false) return next()
    const request = c.req.raw
    let caller: unknown
    try {
      caller = await withDeadline(Promise.resolve(authorize(request)), AUTHORIZE_MS)
      if (request.bodyUsed)
        throw new Error('authorize has read the body; let it read request.clone() instead')
    } catch (cause) {
      const message = 'Who may use this relay could not be determined. Its log says why.'
      throw new RelayError(500, 'authorize_failed', message, { cause })
    }
    // A copy, as the same Response may be meant for many.
    if (caller instanceof Response) return caller.clone()
    if (!caller) throw new RelayError(401, 'unauthorized', 'Not allowed here. Sign in and try again.')
    return next()
  }
}
