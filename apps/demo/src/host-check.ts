import type { MiddlewareHandler } from 'hono'

/** The values of `Host` under which a loopback server on this port is reached. */
export function loopbackHosts(port: number): string[] {
  const names = ['localhost', '127.0.0.1', '[::1]']
  // Browsers leave the default port out.
  return port === 80
    ? [...names, ...names.map((name) => `${name}:80`)]
    : names.map((name) => `${name}:${port}`)
}

/**
 * Refuse requests for any other host with 421, so that a foreign name which is made to point here (DNS
 * rebinding) reaches nothing. `hosts` is asked for every request, as the port may not be known before.
 */
export function checkHost(hosts: () => readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host')?.toLowerCase()
    if (host !== undefined && hosts().includes(host)) return next()
    return context.text(`This server answers to ${hosts().join(', ')} only.\n`, 421)
  }
}
