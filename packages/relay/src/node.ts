import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { failSocket } from './fail-socket.ts'
import { createHostRule, hostNotAllowed } from './hosts.ts'
import { isLoopback } from './loopback.ts'
import { errorResponse } from './relay-error.ts'

export { readEnvFile } from './read-env-file.ts'

/** Anything that answers a request: a relay, a Hono app, a module with a `fetch`. */
export interface FetchApp {
  fetch(request: Request, env?: unknown, ctx?: unknown): Response | Promise<Response>
}

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

const HOST_REFUSED =
  'This server does not answer under that name. Add the name to the `hosts` of serve(), or ask it as localhost.'

/** Where {@link serve} listens. */
export interface ServeOptions {
  /** Default 8787; 0 is any free port. */
  port?: number | undefined
  /** Default `127.0.0.1`, which only this machine can reach. */
  hostname?: string | undefined
  /**
   * More names to answer under, as clients write them in `Host`: `chat.example.com` when a reverse proxy passes its
   * own on; without a port for every port. `localhost`, `127.0.0.1`, `[::1]` and `hostname` are always among them.
   * Default: those alone on a loopback address, any name elsewhere. `false`: any name, so that a page whose name was
   * made to point at this machine (DNS rebinding) can use it, too.
   */
  hosts?: readonly string[] | false | undefined
}

/** A server that listens. */
export interface RelayServer {
  /** Such as `http://127.0.0.1:8787`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Stops listening and ends every connection, whatever runs on it; resolves when all are gone. */
  close(): Promise<void>
}

/**
 * Serves an app over HTTP/1.1. The request's signal aborts when its client leaves; a body that fails destroys the
 * socket, so that no client takes a broken answer for a whole one. A request for a name that is not among
 * `hosts` gets 421 and JSON in the relay's shape, `host_not_allowed`.
 *
 * Rejects with a TypeError for an entry of `hosts` that is none, with a RangeError for a port that is none, and with an
 * Error that says what to do when it cannot listen, such as when the port is taken.
 *
 * @example
 * const server = await serve(createRelay({ upstream, authorize }), { port: 8787 })
 */
export async function serve(app: FetchApp, options: ServeOptions = {}): Promise<RelayServer> {
  const { port = 8787, hostname = '127.0.0.1', hosts } = options
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`${port} is no port. Choose a whole number from 0 (any free port) to 65535.`)
  }
  const authority = hostname.includes(':') ? `[${hostname}]` : hostname
  // As URL writes it: 127.1 is asked as 127.0.0.1; an address with a zone cannot be asked as itself at all.
  const own = URL.canParse(`http://${authority}`) ? [new URL(`http://${authority}`).host] : []
  const isAmongHosts = createHostRule([...LOOPBACK_HOSTS, ...own, ...(hosts || [])])
  let anyHost = hosts === false
  const server = createAdaptorServer({
    fetch: async (request, env) => {
      if (!anyHost && !isAmongHosts(request)) return errorResponse(hostNotAllowed(HOST_REFUSED))
      const response = await app.fetch(request, env)
      return failSocket(response, (env as { outgoing: ServerResponse }).outgoing)
    },
    // Replacing the global Request and Response is not a library's business.
    overrideGlobalObjects: false,
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(inWords(error, port, hostname)))
    server.listen(port, hostname, resolve)
  })
  const { address, port: bound } = server.address() as AddressInfo
  anyHost ||= hosts === undefined && !isLoopback(address)
  return {
    url: `http://${authority}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

function inWords(error: Error & { code?: string }, port: number, hostname: string): Error {
  const other = port < 1024 || port > 65534 ? 8788 : port + 1
  const example = `for example ${other} (PORT=${other} for the commands)`
  const say = (message: string): Error => new Error(message, { cause: error })
  switch (error.code) {
    case 'EADDRINUSE':
      return say(`Port ${port} on ${hostname} is in use. Choose another port, ${example}.`)
    case 'EACCES':
      return say(`Port ${port} may not be used by this user. Choose one over 1023, ${example}.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say(
        `${hostname} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`,
      )
    default:
      return say(`Cannot listen on ${hostname}:${port}: ${error.message}`)
  }
}
