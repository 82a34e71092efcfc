import type { MiddlewareHandler } from 'hono'
import { RelayError } from './relay-error.ts'

/**
 * Makes the rule whether a request is for one of these hosts. An entry without a port stands for every port.
 * Throws a TypeError for an entry that is no host.
 */
export function createHostRule(hosts: readonly string[]): (request: Request) => boolean {
  const allowed = new Set(hosts.map(checkHost))
  const isAllowed = (host: string): boolean =>
    allowed.has(host.toLowerCase()) || allowed.has(host.toLowerCase().replace(/:\d+$/, ''))

  return (request) => {
    const named = request.headers.get('host')
    return isAllowed(new URL(request.url).host) && (named === null || isAllowed(named))
  }
}

/** The refusal of a request for another host. */
export function hostNotAllowed(message: string): RelayError {
  return new RelayError(421, 'host_not_allowed', message)
}

/**
 * Refuses requests for any other host, so that a page whose name was made to point at this machine (DNS rebinding)
 * gets no answer. Throws a TypeError for an entry that is no host.
 */
export function createHostCheck(hosts: readonly string[]): MiddlewareHandler {
  const isAllowed = createHostRule(hosts)
  return async (c, next) => {
    if (isAllowed(c.req.raw)) return next()
    throw hostNotAllowed(`This relay does not answer under that name. Use one of: ${hosts.join(', ')}.`)
  }
}

function checkHost(host: string): string {
  const lower = host.toLowerCase()
  if (URL.canParse(`http://${lower}`)) {
    const url = new URL(`http://${lower}`)
    // The port 80 is dropped by URL, and by clients in their Host.
    if (url.host === lower.replace(/:80$/, '') && url.pathname === '/') return url.host
  }
  throw new TypeError(
    `hosts: ${JSON.stringify(host)} is no host. Write "localhost" or "localhost:8787", no scheme.`,
  )
}
