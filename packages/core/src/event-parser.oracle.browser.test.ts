import { cut } from '@rivulet/testkit'
import type { ServerReply } from '@rivulet/testkit'
import { expect, it } from 'vitest'
import { randomStream } from '../test/random-stream.ts'
import { createRandom } from '../test/random.ts'
import { scriptServer } from '../test/script-server.ts'
import { readEvents } from './read-events.ts'
import type { ServerSentEvent } from './types.ts'

// Chromium's own EventSource and we read the same bytes off the same server.

/** What a browser opens to one origin at once. */
const CONNECTIONS = 6

/** Every type that the body can have: an EventSource tells of those alone that it is asked for. */
function typesOf(body: Uint8Array): Set<string> {
  const types = new Set(['message'])
  for (const line of new TextDecoder().decode(body).split(/[\r\n]/)) {
    for (const value of line.split('event')) types.add(value.replace(/^:/, '')).add(value.replace(/^: ?/, ''))
  }
  return types.add('')
}

function readByEventSource(url: string, types: Iterable<string>): Promise<ServerSentEvent[]> {
  return new Promise((resolve) => {
    const events: ServerSentEvent[] = []
    const source = new EventSource(url)
    for (const type of types) {
      source.addEventListener(type, (event) => {
        if (!(event instanceof MessageEvent)) return
        events.push({ type: event.type, data: event.data as string, lastEventId: event.lastEventId })
      })
    }
    source.addEventListener('error', (event) => {
      // An event of the stream may be called that, too.
      if (event instanceof MessageEvent) return
      source.close()
      resolve(events)
    })
  })
}

async function readByUs(url: string): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = []
  for await (const event of readEvents((await fetch(url)).body)) events.push(event)
  return events
}

it.each([0, 250, 500, 750, 1000, 1250, 1500, 1750])(
  'reads the 250 random streams from %d on as Chromium’s EventSource does',
  { timeout: 60_000 },
  async (first) => {
    const bodies = new Map<string, Uint8Array>()
    const replies: Record<string, ServerReply> = {}
    for (let seed = first; seed < first + 250; seed++) {
      const random = createRandom(seed)
      const body = randomStream(random, 40)
      bodies.set(`/${seed}`, body)
      replies[`/${seed}`] = { body: cut(body, 1 + random.below(200)) }
    }
    const { url } = await scriptServer.play({ replies })
    const left = bodies.entries()
    let events = 0
    async function compare(): Promise<void> {
      for (const [path, body] of left) {
        const [theirs, ours] = await Promise.all([
          readByEventSource(url + path, typesOf(body)),
          readByUs(url + path),
        ])
        expect(ours, `seed ${path.slice(1)}: ${btoa(String.fromCharCode(...body))}`).toEqual(theirs)
        events += theirs.length
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS / 2 }, compare))
    // Streams without events would all be read alike.
    expect(events).toBeGreaterThan(500)
  },
)
