import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, endCalls, original } from '../test/fetch-event-source-call.ts'
import { fetchEventSource } from './fetch-event-source.ts'

// The seventeen faults of @microsoft/fetch-event-source 2.0.1, in the order of the page for those who switch. Each
// test shows that the original has the fault, and what ours does instead.

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(async () => {
  await endCalls()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const POST = { method: 'POST', body: '{"prompt":"hi"}' }
const JSON_BODY = { 'content-type': 'application/json' }
const message = 'data: a\n\n'
const broken = new TypeError('terminated')

it('1. a signal that is aborted already is ignored; ours sends nothing', async () => {
  const signal = AbortSignal.abort(new Error('before'))
  const theirs = call(original, [{ body: message }], { signal })
  const ours = call(fetchEventSource, [{ body: message }], { signal })
  await pass(1)
  expect(theirs.fetch.requests).toHaveLength(1)
  expect(theirs.log).toEqual(['a', '(close)'])
  expect(ours.fetch.requests).toHaveLength(0)
  expect(ours.outcome).toBe(signal.reason)
})

it('2. a tab that is hidden and shown sends the POST again; ours reads on', async () => {
  const reply = { body: [message], hang: true }
  const theirs = call(original, times(2, reply), POST)
  const ours = call(fetchEventSource, times(2, reply), { ...POST, openWhenHidden: false })
  await pass(1)
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  document.dispatchEvent(new Event('visibilitychange'))
  await pass(1)
  expect([theirs, ours].map(({ fetch }) => fetch.requests[0]?.cancelled)).toEqual([true, false])
  hidden.mockReturnValue(false)
  document.dispatchEvent(new Event('visibilitychange'))
  await pass(1)
  expect([theirs, ours].map(({ fetch }) => fetch.requests.length)).toEqual([2, 1])
})

it('3. the id is kept when its line is read, so a break loses that message; ours is kept with the message', async () => {
  const replies = [{ body: ['id: 1\ndata: a\n\nid: 2\ndata: b\n', broken] }, { body: message }]
  const theirs = call(original, replies)
  const ours = call(fetchEventSource, replies)
  await pass(2000)
  const idOf = ({ fetch }: typeof ours): unknown => fetch.requests[1]?.headers.get('last-event-id')
  expect([theirs, ours].map(idOf)).toEqual(['2', '1'])
})

describe('4. any error is repeated for ever, once a second', () => {
  it('401: ours gives it to the caller', async () => {
    const replies = times(60, { status: 401, headers: JSON_BODY })
    const theirs = call(original, replies, POST)
    const ours = call(fetchEventSource, replies, POST)
    await pass(30_500)
    expect(theirs.fetch.requests).toHaveLength(31)
    expect(ours.fetch.requests).toHaveLength(1)
    expect(ours.outcome).toMatchObject({ name: 'StreamError', code: 'http', status: 401 })
  })

  it('500: ours tries three times more, with growing pauses', async () => {
    vi.mocked(Math.random).mockReturnValue(0.999)
    const replies = times(60, { status: 500, headers: JSON_BODY })
    const theirs = call(original, replies, POST)
    const ours = call(fetchEventSource, replies, POST)
    const counts: number[] = []
    for (let second = 1; second <= 12; second++) {
      await pass(1000)
      counts.push(ours.fetch.requests.length)
    }
    expect(theirs.fetch.requests).toHaveLength(13)
    // At 1.5, 3.5 and 6.5 s.
    expect(counts).toEqual([1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4])
    expect(ours.outcome).toMatchObject({ code: 'http', status: 500 })
  })

  it('429 with Retry-After: ours waits as long', async () => {
    const replies = [{ status: 429, headers: { 'retry-after': '7' } }, ...times(9, { body: message })]
    const theirs = call(original, replies, POST)
    const ours = call(fetchEventSource, replies, POST)
    await pass(6999)
    expect([theirs, ours].map(({ fetch }) => fetch.requests.length)).toEqual([2, 1])
    await pass(1)
    expect(ours.fetch.requests).toHaveLength(2)
    expect(ours.outcome).toBe('resolved')
  })

  it('a status is not looked at, if only the content type is right; ours looks', async () => {
    const replies = [{ status: 403, body: message }]
    const theirs = call(original, replies)
    const ours = call(fetchEventSource, replies)
    await pass(1)
    expect(theirs.log).toEqual(['a', '(close)'])
    expect(ours.log).toEqual(['(error)'])
    expect(ours.outcome).toMatchObject({ code: 'http', status: 403 })
  })
})

it('5. an exception in onmessage sends the POST again each second; ours ends with it', async () => {
  const mine = new RangeError('a bug in the page')
  const init = {
    ...POST,
    onmessage: () => {
      throw mine
    },
  }
  const theirs = call(original, times(9, { body: [message], hang: true }), init)
  const ours = call(fetchEventSource, times(9, { body: [message], hang: true }), init)
  await pass(5500)
  expect(theirs.fetch.requests).toHaveLength(6)
  expect(ours.fetch.requests).toHaveLength(1)
  expect(ours.fetch.requests[0]?.cancelled).toBe(true)
  expect(ours.outcome).toBe(mine)
  expect(ours.errors).toEqual([mine])
})

// 6. needs a document and a window: in fetch-event-source.node.test.ts and .browser.test.ts.

it('7. handlers are not awaited and all is read at once; ours reads as fast as they are done', async () => {
  const body = times(50, message)
  const finish: (() => void)[] = []
  const onmessage = async (): Promise<void> => new Promise((resolve) => finish.push(resolve))
  const theirs = call(original, [{ body }], { onmessage })
  await pass(1)
  expect(theirs.fetch.requests[0]?.taken).toBe(50)
  expect(theirs.outcome).toBe('resolved')
  finish.splice(0)

  const ours = call(fetchEventSource, [{ body }], { onmessage })
  for (let read = 1; read <= 50; read++) {
    await pass(1)
    expect(ours.fetch.requests[0]?.taken).toBe(read)
    expect(ours.messages).toHaveLength(read)
    finish.shift()?.()
  }
  await pass(1)
  expect(ours.outcome).toBe('resolved')
})

it.each([
  ['the headers', { silent: true }, 30_000],
  ['the first event', { body: ': here\n\n', hang: true }, 120_000],
  ['the next event', { body: message, hang: true }, 60_000],
])('8. %s are waited for without an end; ours gives up', async (_, reply, limit) => {
  const theirs = call(original, [reply], POST)
  const ours = call(fetchEventSource, [reply], POST)
  await pass(limit - 1)
  expect(ours.outcome).toBe('pending')
  await pass(2)
  expect(ours.outcome).toMatchObject({ name: 'StreamError', code: 'timeout' })
  expect(ours.fetch.requests[0]?.cancelled).toBe(true)
  await pass(3_600_000)
  expect(theirs.outcome).toBe('pending')
})

describe('9. like a good end, resolves', () => {
  it('an abort; ours rejects with its reason', async () => {
    const theirs = call(original, [{ body: message, hang: true }])
    const ours = call(fetchEventSource, [{ body: message, hang: true }])
    await pass(1)
    const reason = new Error('the user stopped')
    theirs.abort(reason)
    ours.abort(reason)
    await pass(1)
    expect(theirs.outcome).toBe('resolved')
    expect(ours.outcome).toBe(reason)
    expect(ours.errors).toEqual([])
  })

  it.each([
    'data: a\n\ndata: hal',
    'data: a\n\ndata: half\n',
    'data: a\n\neve',
    'data: a\n\nevent: x\n',
    'data: a\n\nid: 7\r\n',
  ])('a stream that ends within an event; ours is incomplete: %j', async (body) => {
    const theirs = call(original, [{ body }], POST)
    const ours = call(fetchEventSource, [{ body }], POST)
    await pass(1)
    expect(theirs.log).toEqual(['a', '(close)'])
    expect(theirs.outcome).toBe('resolved')
    expect(ours.log).toEqual(['a', '(error)'])
    expect(ours.outcome).toMatchObject({ name: 'StreamError', code: 'incomplete' })
    await pass(60_000)
    expect(ours.fetch.requests).toHaveLength(1)
  })
})

it('10. a long line is copied with each chunk; ours looks at each byte once', async () => {
  const chunk = 'x'.repeat(200)
  const body = ['data: ', ...times(500, chunk), '\n\n']
  let work = 0
  const { set } = Uint8Array.prototype
  vi.spyOn(Uint8Array.prototype, 'set').mockImplementation(function (this: Uint8Array, source, at) {
    work += source.length
    return set.call(this, source, at)
  })
  const { decode } = TextDecoder.prototype
  vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, source, options) {
    work += source?.byteLength ?? 0
    return decode.call(this, source, options)
  })
  const workOf = async (run: typeof fetchEventSource): Promise<number> => {
    work = 0
    const { done, messages } = call(run, [{ body }])
    await done
    expect(messages[0]?.data).toHaveLength(100_000)
    return work
  }
  expect(await workOf(original)).toBeGreaterThan(100 * 100_000)
  expect(await workOf(fetchEventSource)).toBeLessThan(3 * 100_000)
})

/** The messages of one body, with the four members that are not empty. */
async function read(run: typeof fetchEventSource, body: string): Promise<object[]> {
  const { done, messages } = call(run, [{ body }])
  await done
  return messages.map((message) => Object.fromEntries(Object.entries(message).filter(([, value]) => value)))
}

it.each([
  ['11. a BOM is taken away anywhere', '\uFEFFdata: \uFEFFa\n\n', [{ data: 'a' }], [{ data: '\uFEFFa' }]],
  [
    '12. each blank line makes a message',
    ': ping\n\n\nid: 7\n\ndata: a\n\n',
    [{}, {}, { id: '7' }, { data: 'a' }],
    [{ data: 'a' }],
  ],
  ['13. a line without a colon is ignored', 'data: a\ndata\n\n', [{ data: 'a' }], [{ data: 'a\n' }]],
  ['14. an id may contain NUL', 'id: a\0b\ndata: a\n\n', [{ id: 'a\0b', data: 'a' }], [{ data: 'a' }]],
  ['15. 1000x is a retry', 'retry: 1000x\ndata: a\n\n', [{ retry: 1000, data: 'a' }], [{ data: 'a' }]],
  ['16. an empty first line of data is lost', 'data:\ndata:x\n\n', [{ data: 'x' }], [{ data: '\nx' }]],
])('%s; ours reads as the standard says', async (_, body, theirs, ours) => {
  expect(await read(original, body)).toEqual(theirs)
  expect(await read(fetchEventSource, body)).toEqual(ours)
})

it('14. a NUL in an id is not sent either', async () => {
  const ours = call(fetchEventSource, [{ body: ['id: 1\ndata: a\n\nid: a\0b\ndata: b\n\n', broken] }, {}])
  await pass(2000)
  expect(ours.fetch.requests[1]?.headers.get('last-event-id')).toBe('1')
})

describe('17. of what was given at the beginning', () => {
  it('the headers are sent for ever; ours are read anew for each request', async () => {
    const run = async (source: typeof fetchEventSource): Promise<unknown[]> => {
      const headers: Record<string, string> = { authorization: 'old' }
      const { fetch } = call(source, [{ status: 503, headers: JSON_BODY }, { body: message }], {
        headers,
        onerror: () => {
          headers['authorization'] = 'new'
          return 10
        },
      })
      await pass(11)
      return fetch.requests.map((request) => request.headers.get('authorization'))
    }
    expect(await run(original)).toEqual(['old', 'old'])
    expect(await run(fetchEventSource)).toEqual(['old', 'new'])
  })

  it('a Headers instance is lost; ours sends it', async () => {
    const headers = new Headers({ authorization: 'mine' }) as never
    const theirs = call(original, [{ body: message }], { headers })
    const ours = call(fetchEventSource, [{ body: message }], { headers })
    await pass(1)
    const sent = ({ fetch }: typeof ours): unknown => fetch.requests[0]?.headers.get('authorization')
    expect([theirs, ours].map(sent)).toEqual([null, 'mine'])
  })

  it('the signal keeps a listener; ours takes its own away', async () => {
    const run = async (source: typeof fetchEventSource): Promise<number> => {
      const { signal } = new AbortController()
      const added = vi.spyOn(signal, 'addEventListener')
      const removed = vi.spyOn(signal, 'removeEventListener')
      await call(source, [{ body: message }], { signal }).done
      await pass(1)
      return added.mock.calls.filter(([, one]) => !removed.mock.calls.some(([, other]) => one === other))
        .length
    }
    expect(await run(original)).toBe(1)
    expect(await run(fetchEventSource)).toBe(0)
  })
})
