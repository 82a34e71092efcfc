import { bytesOf } from './feeds.ts'
import type { ScriptServerAddress, SeenRequest, ServerReply, ServerScript } from './server-script.ts'

/** A script that is being played. */
export interface PlayedScript {
  /** What to request, or a beginning of it: `http://127.0.0.1:40123/7`. Without a slash at the end. */
  readonly url: string
  /** The same as a path, `/7`: beneath an origin that forwards to the server it is a same-origin address. */
  readonly path: string
  /** Everything that was asked so far, in order of arrival. */
  seen(): Promise<{ readonly preflights: readonly SeenRequest[]; readonly requests: readonly SeenRequest[] }>
  /** The request of this index (from 0, preflights not counted), as soon as it has arrived. */
  request(index: number): Promise<SeenRequest>
  /** The same, as soon as its answer is over. */
  ended(index: number): Promise<SeenRequest & { readonly ended: NonNullable<SeenRequest['ended']> }>
  /** Lets every body go on that stands, or will stand, at this gate. */
  open(gate: string): Promise<void>
}

/** The test's side of a script server; runs wherever there is a fetch, in a browser as well. */
export interface ScriptClient {
  play(script: ServerScript): Promise<PlayedScript>
}

/**
 * Connects to a server that `startScriptServer` of `@rivulet/testkit/node` has started.
 *
 * @example
 * const server = connectScriptServer(inject('scriptServer'))
 * const script = await server.play({ replies: [{ body: ['data: a\n\n', { gate: 'more' }], finish: 'cut' }] })
 * const response = await fetch(script.url, { method: 'POST', body: '{}' })
 * await script.open('more')
 * expect(await script.ended(0)).toMatchObject({ method: 'POST', ended: 'cut' })
 */
export function connectScriptServer({ url, control }: ScriptServerAddress): ScriptClient {
  async function ask<T>(path: string, body?: string): Promise<T> {
    const response = await fetch(control + path, body === undefined ? {} : { method: 'POST', body })
    if (!response.ok) throw new Error(`The script server says: ${await response.text()}`)
    return (await response.json()) as T
  }
  return {
    async play(script) {
      const replies = Array.isArray(script.replies)
        ? script.replies.map(toWire)
        : Object.fromEntries(Object.entries(script.replies).map(([path, reply]) => [path, toWire(reply)]))
      const path = `/${await ask<string>('/scripts', JSON.stringify({ ...script, replies }))}`
      const of = `/scripts${path}`
      return {
        url: url + path,
        path,
        seen: () => ask(`${of}/seen`),
        request: (index) => ask(`${of}/requests/${index}`),
        ended: (index) => ask(`${of}/requests/${index}/ended`),
        open: (gate) => ask(`${of}/gates/${encodeURIComponent(gate)}`, ''),
      }
    },
  }
}

/** JSON has no bytes: they go as base64. */
function toWire(reply: ServerReply): object {
  const { body = [] } = reply
  const pieces = typeof body === 'string' || body instanceof Uint8Array ? [body] : body
  return {
    ...reply,
    body: pieces.map((piece) =>
      typeof piece === 'string' || piece instanceof Uint8Array ? { base64: toBase64(bytesOf(piece)) } : piece,
    ),
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
