import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Gives the same response with a body whose failure destroys the socket right after what was written.
 *
 * @hono/node-server 2.1 destroys it too, but prints every failure with its stack; and when the body fails before the
 * server has sent the headers, it answers 500 with the error's message instead of the status that the app chose.
 */
export function failSocket(response: Response, outgoing: ServerResponse): Response {
  if (response.body === null) return response
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch {
          while (!outgoing.headersSent && !outgoing.destroyed) await nextTurn()
          destroy(outgoing)
          controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}

function destroy(outgoing: ServerResponse): void {
  // HTTP/1.0 marks a body's end by closing the connection: only a reset tells a failure from an end. Some proxies,
  // nginx by default for long, speak it.
  if (outgoing.req.httpVersion === '1.0') outgoing.socket?.resetAndDestroy()
  outgoing.destroy()
}
