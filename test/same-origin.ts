import { request as send } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'

/** Beneath this path the page's own origin answers what the script server answers. */
const PATH = '/script-server'

function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const { url, method, headers } = incoming
  const target = `${process.env['SCRIPT_SERVER_URL']}${url}`
  const outgoing = send(target, { method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.flushHeaders()
    // A cut stays a cut, and leaving stays leaving.
    answer.once('error', () => response.destroy())
    answer.pipe(response)
  })
  outgoing.once('error', () => response.destroy())
  response.once('close', () => outgoing.destroy())
  incoming.pipe(outgoing)
}

/** Makes the script server reachable from the page without CORS: `/script-server` + a script's path. */
export function sameOrigin(): Plugin {
  return {
    name: 'rivulet:script-server',
    configureServer: (server) => void server.middlewares.use(PATH, forward),
  }
}
