import type { MiddlewareHandler } from 'hono'
import { RelayError } from './relay-error.ts'

/**
 * Refuses requests for any other host, so that a page whose name was made to point at this machine (DNS rebinding)
 * gets no answer. An entry without a port stands for every port. Throws a TypeError for an entry that is no host.
 */
export function createHostCheck(hosts: readonly string[]): MiddlewareHandler {
  const allowed = new Set(hosts.map(checkHost))
  const isAllowed = (host: string): boolean =>
    allowed.has(host.toLowerCase()) || allowed.has(host.toLowerCase().replace(/:\d+$/, ''))

  return async (c, next) => {
    const named = c.req.header('host')
    if (!isAllowed(new URL(c.req.url).host) || (named !== undefined && !isAllowed(named))) {
      throw new RelayError(
        403,
        'host_not_allowed',
        `This relay does not answer under that name. Use one of: ${hosts.join(', ')}.`,
      )
    }
    return next()
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
