import { bytesOf, createScriptedFetch, everySplit } from '@rivulet/testkit'
import type { ScriptedReply } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, endCalls } from '../test/fetch-event-source-call.ts'
import type { Call } from '../test/fetch-event-source-call.ts'
import { EventStreamContentType, fetchEventSource } from './fetch-event-source.ts'
import * as entry from './fetch-event-source.ts'

// What ours promises; fetch-event-source.faults.test.ts and .differential.test.ts hold it to the original.

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
const start = (replies: readonly ScriptedReply[], init?: Parameters<typeof call>[2]): Call =>
  call(fetchEventSource, replies, init)
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const sent = ({ fetch }: Call): number => fetch.requests.length

const POST = { method: 'POST', body: '{"prompt":"hi"}' }
const broken = new TypeError('terminated')
const message = 'data: a\n\n'
const JSON_BODY = { 'content-type': 'application/json' }
const mine = new RangeError('mine')
const fail = (): never => {
  throw mine
}

it('exports what the package exports', () => {
  expect(Object.keys(entry).sort()).toEqual(['EventStreamContentType', 'fetchEventSource'])
  expect(EventStreamContentType).toBe('text/event-stream')
})

describe('a stream', () => {
  it('is its messages in order, then onclose, then the end of the promise', async () => {
    const ours = start([{ body: 'id: 1\nevent: x\nretry: 5\ndata: a\n\ndata: b\n\n' }])
    await ours.done
    expect(ours.log).toEqual(['a', 'b', '(close)'])
    expect(ours.messages).toStrictEqual([
      { id: '1', event: 'x', data: 'a', retry: 5 },
      { id: '', event: '', data: 'b', retry: undefined },
    ])
    expect(ours.fetch.open).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells a named "message" from one without a name', async () => {
    const ours = start([{ body: 'event: message\ndata: a\n\ndata: b\n\n' }])
    await ours.done
    expect(ours.messages.map(({ event }) => event)).toEqual(['message', ''])
  })

  it('keeps the fields of a block without data out of the next message', async () => {
    const ours = start([{ body: 'id: 0\nretry: 9\nevent: x\n\ndata: a\n\n' }])
    await ours.done
    expect(ours.messages).toStrictEqual([{ id: '', event: '', data: 'a', retry: undefined }])
  })

  it('is the same in every cutting', async () => {
    const body = '\uFEFFid: 1\r\nevent: é\r\ndata: 🙂\r\n\r\n: ping\n\ndata\ndata: b\rretry: 7\r\r'
    for (const { name, chunks } of everySplit(body)) {
      const ours = start([{ body: chunks }])
      await ours.done
      expect(ours.messages, name).toStrictEqual([
        { id: '1', event: 'é', data: '🙂', retry: undefined },
        { id: '', event: '', data: '\nb', retry: 7 },
      ])
    }
  })

  it.each(['', '\n\n', ': ping\n', 'data: a\n\n: bye\r'])('ends well after %j', async (body) => {
    const ours = start([{ body }], POST)
    await ours.done
    expect(ours.log.at(-1)).toBe('(close)')
  })

  it('ends well without a body, when onopen takes the answer', async () => {
    const ours = start([{ status: 204 }], { onopen: async () => {} })
    await ours.done
    expect(ours.log).toEqual(['(close)'])
  })

  it('needs no handler', async () => {
    await fetchEventSource('/events', { fetch: createScriptedFetch({ body: message }) })
  })

  it('reads no faster than onmessage, onopen and onclose are done', async () => {
    const steps: string[] = []
    const slow = (name: string) => async (): Promise<void> => {
      steps.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 600_000))
      steps.push(`${name} ends`)
    }
    const ours = start([{ body: [message, message] }], {
      onopen: slow('open'),
      onmessage: slow('message'),
      onclose: slow('close'),
    })
    await pass(600_000 * 4)
    expect(ours.outcome).toBe('resolved')
    expect(steps).toEqual(
      ['open', 'message', 'message', 'close'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    )
  })

  it('ends at an event that is too large, after the messages before it', async () => {
    const large = 'x'.repeat(2 ** 20)
    const body = [`${message}data: `, ...times(17, large)]
    const ours = start([{ body, hang: true }], { onerror: () => 1 })
    await pass(1)
    expect(ours.log).toEqual(['a', '(error)'])
    expect(ours.outcome).toMatchObject({ name: 'StreamError', code: 'limit' })
    expect(ours.fetch.requests[0]?.cancelled).toBe(true)
    await pass(60_000)
    expect(sent(ours)).toBe(1)
  })
})

describe('the request', () => {
  it('is what was given, without what is no business of fetch', async () => {
    const fetch = vi.fn(createScriptedFetch({ body: message }))
    await fetchEventSource('/events', {
      ...POST,
      fetch,
      headers: { 'Content-Type': 'application/json', Authorization: 'me' },
      credentials: 'include',
      openWhenHidden: true,
      onopen: async () => {},
      onmessage: () => {},
      onclose: () => {},
      onerror: () => {},
    })
    const [input, init] = fetch.mock.calls[0] as [string, RequestInit]
    expect(input).toBe('/events')
    expect(init).toEqual({
      ...POST,
      credentials: 'include',
      headers: {
        'Content-Type': 'application/json',
        Authorization: 'me',
        accept: 'text/event-stream',
      },
      signal: expect.any(AbortSignal),
    })
  })

  it.each([
    [{ accept: 'text/plain' }, 'text/plain'],
    [{ Accept: 'text/plain' }, 'text/plain'],
    [new Headers({ accept: 'text/plain' }), 'text/plain'],
    [[['Accept', 'text/plain']], 'text/plain'],
    [{}, 'text/event-stream'],
    [undefined, 'text/event-stream'],
  ])('asks for an event stream unless told otherwise: %o', async (headers, accept) => {
    const ours = start([{ body: message }], { headers: headers as never })
    await ours.done
    expect(ours.fetch.requests[0]?.headers.get('accept')).toBe(accept)
  })

  it('may be a Request, with headers and a signal of its own', async () => {
    const controller = new AbortController()
    const request = new Request('https://example.com/', {
      headers: { a: 'b' },
      signal: controller.signal,
      method: 'PUT',
    })
    const fetch = createScriptedFetch({ body: [message, broken] }, { body: message })
    const done = fetchEventSource(request, { fetch })
    await expect(done).rejects.toMatchObject({ code: 'incomplete' })
    expect(fetch.requests.map(({ headers }) => headers.get('a'))).toEqual(['b'])

    const silent = fetchEventSource(request, { fetch: createScriptedFetch({ silent: true }) })
    controller.abort(mine)
    await expect(silent).rejects.toBe(mine)
  })

  it('uses the fetch that is global when it is sent', async () => {
    const fetch = createScriptedFetch({ body: message })
    vi.stubGlobal('fetch', fetch)
    await fetchEventSource('/events', {})
    expect(fetch.requests).toHaveLength(1)
  })

  it('is not made with headers that are none', async () => {
    const ours = start([{ body: message }], { headers: { 'no name': 'x' } })
    await pass(60_000)
    expect(sent(ours)).toBe(0)
    expect(ours.outcome).toBeInstanceOf(TypeError)
    expect(ours.errors).toEqual([ours.outcome])
  })
})

describe('an abort', () => {
  it('calls nothing any more, and leaves nothing behind', async () => {
    const body = [message + message, message]
    const ours = start([{ body, hang: true }], { onmessage: () => ours.abort(mine) })
    await pass(1)
    expect(ours.outcome).toBe(mine)
    expect(ours.log).toEqual(['a'])
    expect(ours.fetch.requests[0]?.cancelled).toBe(true)
    expect(ours.fetch.open).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('in onopen calls nothing any more', async () => {
    const ours = start([{ status: 204 }], { onopen: async () => ours.abort(mine) })
    await pass(1)
    expect(ours.outcome).toBe(mine)
    expect(ours.log).toEqual([])
  })

  it('has the default reason of the platform', async () => {
    const ours = start([{ silent: true }])
    ours.abort()
    await pass(0)
    expect(ours.outcome).toMatchObject({ name: 'AbortError' })
  })

  it.each(['onopen', 'onmessage', 'onclose', 'onerror', 'fetch'])('does not wait for %s', async (name) => {
    const never = (): Promise<never> => new Promise(() => {})
    const body = name === 'onerror' ? ['data: a', broken] : [message]
    const ours = start([{ body }], { [name]: never })
    await pass(1)
    expect(ours.outcome).toBe('pending')
    ours.abort(mine)
    await pass(0)
    expect(ours.outcome).toBe(mine)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends the wait for the next request', async () => {
    const ours = start([{ status: 503, headers: JSON_BODY }])
    await pass(10)
    ours.abort(mine)
    await pass(0)
    expect(ours.outcome).toBe(mine)
    expect(vi.getTimerCount()).toBe(0)
    await pass(60_000)
    expect(sent(ours)).toBe(1)
  })

  it('while onerror decides is the end', async () => {
    const ours = start([{ status: 503, headers: JSON_BODY }, { body: message }], {
      onerror: () => {
        ours.abort(mine)
        return 60_000
      },
    })
    await pass(1)
    expect(ours.outcome).toBe(mine)
    expect(vi.getTimerCount()).toBe(0)
    await pass(60_000)
    expect(sent(ours)).toBe(1)
  })

  it('or an end cancels an answer of a fetch that knows no signal', async () => {
    const cancel = vi.fn()
    const ours = start([], { fetch: async () => new Response(new ReadableStream({ cancel })), onopen: fail })
    await pass(0)
    expect(ours.outcome).toBe(mine)
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('cancels an answer that comes too late', async () => {
    let answer: (response: Response) => void = () => {}
    const cancel = vi.fn()
    const ours = start([], { fetch: () => new Promise((resolve) => (answer = resolve)) })
    await pass(0)
    ours.abort(mine)
    answer(new Response(new ReadableStream({ cancel })))
    await pass(0)
    expect(cancel).toHaveBeenCalledOnce()
    expect(ours.log).toEqual([])
  })
})

describe('an error', () => {
  it('without onerror is what the promise rejects with', async () => {
    const fetch = createScriptedFetch({ status: 400, headers: JSON_BODY })
    await expect(fetchEventSource('/events', { fetch })).rejects.toMatchObject({ code: 'http', status: 400 })
    expect(fetch.requests[0]?.cancelled).toBe(true)
  })

  it.each([
    ['no answer', { fails: broken }, { code: 'network', retryable: true, cause: broken }],
    ['a refusal', { status: 404, headers: JSON_BODY }, { code: 'http', status: 404, retryable: false }],
    [
      'an overload',
      { status: 529, headers: { 'retry-after': '3' } },
      { code: 'http', status: 529, retryable: true, retryAfterMs: 3000 },
    ],
    ['another content type', { headers: JSON_BODY }, { code: 'content-type', status: 200, retryable: false }],
    ['no content type', { headers: {} }, { code: 'content-type' }],
    [
      'a break',
      { body: ['id: 7\ndata: a\n\n', broken] },
      { code: 'incomplete', lastEventId: '7', retryable: false, cause: broken },
    ],
    ['no headers', { silent: true }, { code: 'timeout', retryable: true }],
    [
      'a stalled stream',
      { body: 'id: 7\ndata: a\n\n', hang: true },
      { code: 'timeout', lastEventId: '7', retryable: false },
    ],
    ['an end within an event', { body: 'id: 7\n\ndata' }, { code: 'incomplete', lastEventId: '7' }],
  ])('is a StreamError: %s', async (_, reply, error) => {
    const ours = start([reply], { ...POST, onerror: fail })
    await pass(60_000)
    expect(ours.errors).toEqual([expect.objectContaining({ name: 'StreamError', ...error })])
  })

  it('is rejected as onerror throws it, and ends everything', async () => {
    const ours = start([{ fails: broken }], { onerror: fail })
    await pass(60_000)
    expect(ours.outcome).toBe(mine)
    expect(sent(ours)).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is told once for each attempt, the last one included', async () => {
    const ours = start(times(9, { fails: broken }))
    await pass(60_000)
    expect(ours.errors).toHaveLength(4)
    expect(ours.outcome).toBe(ours.errors[3])
  })
})

/** How many requests are made in ten minutes, by what happens, method and what `onerror` returns. */
describe('a request is sent again', () => {
  const silent = { silent: true }
  const refused = { status: 404, headers: JSON_BODY }
  const busy = { status: 503, headers: JSON_BODY }
  const page = { headers: { 'content-type': 'text/html' } }
  const cut = { body: 'data: a' }
  const cutOff = { body: [message, broken] }
  const stalled = { body: message, hang: true }
  const good = { body: message }
  const onopen = async ({ ok, headers }: Response): Promise<void> => {
    if (!ok || !headers.get('content-type')?.includes('event-stream')) fail()
  }
  const never = { onopen: fail }

  it.each([
    // Nothing is known to have happened.
    ['no answer', { fails: broken }, {}, 'GET', 4, 9],
    ['no answer', { fails: broken }, {}, 'POST', 4, 9],
    ['a busy server', busy, {}, 'GET', 4, 9],
    ['a busy server', busy, {}, 'POST', 4, 9],
    ['a busy server, by onopen', busy, { onopen }, 'POST', 4, 9],
    // Asking again changes nothing, unless the caller has changed something.
    ['a refusal', refused, {}, 'GET', 1, 9],
    ['a refusal', refused, {}, 'POST', 1, 9],
    ['a refusal, by onopen', refused, { onopen }, 'POST', 1, 9],
    // The server may be at work.
    ['no headers', silent, {}, 'GET', 4, 9],
    ['no headers', silent, {}, 'POST', 1, 9],
    ['no headers, with a key', silent, { headers: { 'Idempotency-Key': 'k' } }, 'POST', 4, 9],
    // It has worked.
    ['a 2xx that is no stream', page, {}, 'GET', 1, 1],
    ['a 2xx that is no stream', page, {}, 'POST', 1, 1],
    ['a 2xx that onopen does not want', good, never, 'GET', 1, 1],
    ['a 2xx that onopen does not want', good, never, 'POST', 1, 1],
    ['a break', cutOff, {}, 'GET', 9, 9],
    ['a break', cutOff, {}, 'POST', 1, 1],
    ['a break', cutOff, {}, 'PUT', 1, 1],
    ['an end within an event', cut, {}, 'GET', 9, 9],
    ['an end within an event', cut, {}, 'POST', 1, 1],
    ['a stalled stream', stalled, {}, 'GET', 9, 9],
    ['a stalled stream', stalled, {}, 'POST', 1, 1],
    ['onclose throws', good, { onclose: fail }, 'GET', 9, 9],
    ['onclose throws', good, { onclose: fail }, 'POST', 1, 1],
    ['onmessage throws', good, { onmessage: fail }, 'GET', 1, 1],
    ['onmessage throws', good, { onmessage: fail }, 'POST', 1, 1],
  ])('%s', async (_, reply, init, method, byItself, asked) => {
    // One reply too many: a request more would be counted.
    const replies = [...times(8, reply), { status: 410, headers: JSON_BODY }, good, good]
    const withInit = (onerror?: (error: { status?: number }) => number | void): Call =>
      start(replies, { method, ...init, ...(onerror && { onerror }) })
    const quiet = withInit()
    const eager = withInit(({ status }) => {
      if (status === 410 || sent(eager) > 8) throw mine
      return 5
    })
    await pass(600_000)
    expect([sent(quiet), sent(eager)]).toEqual([byItself, asked])
    expect(quiet.outcome).not.toBe('resolved')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('after the number of milliseconds that onerror returns, 0 included', async () => {
    const ours = start([...times(3, busy), good], { onerror: () => [0, 700, 20_000][sent(ours) - 1] })
    await pass(0)
    expect(sent(ours)).toBe(2)
    await pass(699)
    expect(sent(ours)).toBe(2)
    await pass(1)
    expect(sent(ours)).toBe(3)
    await pass(19_999)
    expect(sent(ours)).toBe(3)
    await pass(1)
    expect(ours.outcome).toBe('resolved')
  })

  it('for as long as onerror returns a number', async () => {
    const ours = start([...times(50, busy), good], { ...POST, onerror: () => 10 })
    await pass(500)
    expect(sent(ours)).toBe(51)
    expect(ours.outcome).toBe('resolved')
  })

  it('not at once when that number is endless', async () => {
    const ours = start([busy, good], { onerror: () => Infinity })
    await pass(600_000)
    expect(sent(ours)).toBe(1)
  })

  it('three times after each good answer', async () => {
    const ours = start([...times(3, busy), cutOff, ...times(9, busy)])
    await pass(60_000)
    expect(sent(ours)).toBe(4 + 3)
    expect(ours.outcome).toMatchObject({ status: 503 })
  })

  it('after a second and some back-off, which begins anew with the first byte', async () => {
    vi.mocked(Math.random).mockReturnValue(0.5)
    const at: number[] = []
    const began = Date.now()
    const replies = [busy, busy, cutOff, busy, good]
    const scripted = createScriptedFetch(...replies)
    start([], {
      fetch: (input, init) => {
        at.push(Date.now() - began)
        return scripted(input as string, init)
      },
    })
    await pass(60_000)
    expect(at).toEqual([0, 1250, 2750, 4000, 5500])
  })

  it.each([
    ['4000', 4000],
    ['1', 1],
    ['999999999', 60_000],
  ])('after the pause that the server asks for: retry: %s', async (value, ms) => {
    const ours = start([{ body: [`retry: ${value}\n${message}`, broken] }, good])
    await pass(ms - 1)
    expect(sent(ours)).toBe(1)
    await pass(1)
    expect(sent(ours)).toBe(2)
  })

  it.each([
    ['30', 30_000],
    ['Thu, 01 Jan 2026 00:00:20 GMT', 20_000],
    ['86400', 60_000],
    ['0', 1000],
  ])('after Retry-After: %s', async (value, ms) => {
    vi.setSystemTime(Date.UTC(2026, 0, 1))
    const ours = start([{ status: 429, headers: { 'retry-after': value } }, good], POST)
    await pass(ms - 1)
    expect(sent(ours)).toBe(1)
    await pass(1)
    expect(ours.outcome).toBe('resolved')
  })

  it('after the usual pause again, once a Retry-After was obeyed', async () => {
    const ours = start([{ status: 429, headers: { 'retry-after': '30' } }, { fails: broken }, good], POST)
    await pass(30_999)
    expect(sent(ours)).toBe(2)
    await pass(1)
    expect(ours.outcome).toBe('resolved')
  })

  it('after nine seconds at most, unless asked to wait longer', async () => {
    vi.mocked(Math.random).mockReturnValue(1)
    const ours = start(times(9, { body: [broken] }))
    await pass(1500 + 2000 + 3000 + 5000 + 9000)
    expect(sent(ours)).toBe(6)
    await pass(9000)
    expect(sent(ours)).toBe(7)
  })

  it('only with headers that can be sent', async () => {
    const headers: Record<string, string> = {}
    const ours = start([busy, good], {
      headers,
      onerror: () => {
        headers['no name'] = 'x'
        return 1
      },
    })
    await pass(60_000)
    expect(sent(ours)).toBe(1)
    expect(ours.outcome).toBeInstanceOf(TypeError)
    expect(ours.errors).toHaveLength(2)
  })

  it('never when its body can be read but once', async () => {
    const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' }
    const ours = start(times(9, busy), { ...init, onerror: () => 1 })
    const request = new Request('https://example.com/', POST)
    await request.text()
    const spent = fetchEventSource(request, { fetch: createScriptedFetch(busy, busy), onerror: () => 1 })
    await expect(spent).rejects.toMatchObject({ status: 503 })
    await pass(60_000)
    expect(sent(ours)).toBe(1)
    expect(ours.outcome).toMatchObject({ status: 503 })
  })

  it('with the handlers and the body of the beginning', async () => {
    const init = { ...POST, body: 'first', fetch: createScriptedFetch(busy, good), onmessage: vi.fn() }
    const given = init.onmessage
    const done = fetchEventSource('/events', init)
    Object.assign(init, { body: 'second', onmessage: fail })
    await pass(1000)
    await done
    expect(init.fetch.requests[1]?.body).toBe('first')
    expect(given).toHaveBeenCalledOnce()
  })
})

describe('last-event-id', () => {
  const sentIds = async (bodies: readonly string[], headers?: Record<string, string>): Promise<unknown[]> => {
    const replies = bodies.map((body) => ({ body: [body, broken] }))
    const ours = start([...replies, { body: message }], headers && { headers })
    await pass(60_000)
    expect(ours.outcome).toBe('resolved')
    return ours.fetch.requests.map((request) => request.headers.get('last-event-id'))
  }

  it.each([
    ['is that of the last message', ['id: 1\ndata: a\n\nid: 2\ndata: b\n\n'], [null, '2']],
    ['is not sent when there was none', ['data: a\n\n'], [null, null]],
    ['counts without data', ['id: 1\n\n'], [null, '1']],
    ['does not move before the blank line', ['id: 1\ndata: a\n\nid: 2\ndata: b\n'], [null, '1']],
    ['stays over messages without an id', ['id: 1\ndata: a\n\ndata: b\n\n'], [null, '1']],
    ['stays over the next answer', ['id: 1\ndata: a\n\n', 'data: b\n\n'], [null, '1', '1']],
    ['stays when the next id was cut off', ['id: 1\n\n', 'data: b\n\nid: 2'], [null, '1', '1']],
    ['moves on in the next answer', ['id: 1\n\n', 'id: 2\n\n'], [null, '1', '2']],
    ['is taken back by an empty id', ['id: 1\n\n', 'id\ndata: b\n\n'], [null, '1', null]],
    ['is sent in UTF-8', ['id: é\n\n'], [null, '\u00C3\u00A9']],
  ])('%s', async (_, bodies, ids) => {
    expect(await sentIds(bodies)).toEqual(ids)
  })

  it('of the caller holds until the server has sent one, in whatever spelling', async () => {
    const given = { 'Last-Event-ID': '9' }
    expect(await sentIds(['data: a\n\n', 'id: 10\n\n', 'id\n\n'], given)).toEqual(['9', '9', '10', null])
  })
})

describe('offline', () => {
  /** Node has no such event, and a navigator only since 21. */
  function goOffline(): { online(): void; listeners: Set<unknown> } {
    const listeners = new Set<unknown>()
    const navigator = { onLine: false }
    vi.stubGlobal('navigator', navigator)
    vi.stubGlobal('addEventListener', (_: string, listener: () => void) => listeners.add(listener))
    vi.stubGlobal('removeEventListener', (_: string, listener: () => void) => listeners.delete(listener))
    return {
      listeners,
      online() {
        navigator.onLine = true
        for (const listener of listeners) (listener as () => void)()
      },
    }
  }

  it('waits for the network and spends no attempt', async () => {
    const { online, listeners } = goOffline()
    const ours = start([...times(5, { fails: broken }), { body: message }])
    await pass(59_999)
    expect(sent(ours)).toBe(1)
    await pass(240_001)
    expect(sent(ours)).toBe(6)
    expect(ours.outcome).toBe('resolved')

    const other = start([{ fails: broken }, { body: message }])
    await pass(10)
    expect(sent(other)).toBe(1)
    online()
    await pass(0)
    expect(other.outcome).toBe('resolved')
    expect(listeners.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no listener when it is aborted', async () => {
    const { listeners } = goOffline()
    const ours = start([{ fails: broken }])
    await pass(10)
    expect(listeners.size).toBe(1)
    ours.abort(mine)
    await pass(0)
    expect(listeners.size).toBe(0)
  })
})

it('does not blame the server for a slow handler', async () => {
  const ours = start([{ body: [message, message] }], {
    ...POST,
    onmessage: (async () => new Promise((resolve) => setTimeout(resolve, 1_000_000))) as never,
  })
  await pass(2_000_001)
  expect(ours.log).toEqual(['a', 'a', '(close)'])
})

it('counts comments as life', async () => {
  const release: (() => void)[] = []
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) =>
        new Promise((resolve) => {
          release.push(() => {
            controller.enqueue(bytesOf(': ping\n'))
            resolve()
          })
        }),
    },
    { highWaterMark: 0 },
  )
  const headers = { 'content-type': 'text/event-stream; charset=utf-8' }
  const ours = start([], { ...POST, fetch: async () => new Response(body, { headers }) })
  for (let minute = 0; minute < 30; minute++) {
    await pass(60_000)
    release.shift()?.()
  }
  expect(ours.outcome).toBe('pending')
  await pass(120_001)
  expect(ours.outcome).toMatchObject({ code: 'timeout' })
})
