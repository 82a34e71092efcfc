import { bytesOf, chatChunk, chatEvent, chatEvents, createScriptedFetch, everySplit } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamError } from './errors.ts'
import { messageText } from './message.ts'
import { streamMessage } from './stream-message.ts'
import type { Dialect, MessageDelta, MessageStream } from './types.ts'

const URL = 'https://relay.example/v1/chat/completions'

async function collect(stream: MessageStream): Promise<MessageDelta[]> {
  const deltas: MessageDelta[] = []
  for await (const delta of stream) deltas.push(delta)
  return deltas
}

const textOf = (deltas: readonly MessageDelta[]): string =>
  deltas.map((delta) => (delta.type === 'text-delta' ? delta.delta : '')).join('')

/** What a stream ends with: its error's code, or its message's status. */
async function outcome(stream: MessageStream): Promise<string> {
  return stream.finished.then(
    (message) => message.status,
    (error: Error) => (error instanceof StreamError ? error.code : error.name),
  )
}

describe('a good answer', () => {
  it('comes as deltas and stands in the message', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('Hel', 'lo') })
    const stream = streamMessage(URL, { fetch })
    const deltas = await collect(stream)
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text-delta', 'text-delta', 'finish'])
    expect(stream.message).toMatchObject({
      status: 'done',
      finishReason: 'stop',
      parts: [{ type: 'text', text: 'Hello' }],
    })
    expect(await stream.finished).toBe(stream.message)
    expect(stream.metrics).toMatchObject({ events: 5, outputTokens: 2, estimated: true })
    expect(stream.metrics.timeToFirstTokenMs).toBeGreaterThanOrEqual(
      stream.metrics.timeToHeadersMs ?? Infinity,
    )
    expect(fetch.open).toBe(0)
  })

  it('is the same in every cutting', async () => {
    const body = chatEvents('héllo ', '🙂').join('')
    for (const { name, chunks } of everySplit(body)) {
      const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: chunks }) })
      expect(messageText(await stream.finished), name).toBe('héllo 🙂')
    }
  })

  it('ends, though the source never settles its cancelling', async () => {
    const stuck = (text: string): Response =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(bytesOf(text)),
          cancel: () => new Promise(() => {}),
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    const good = streamMessage(URL, { fetch: async () => stuck(chatEvents('a').join('')) })
    expect(await outcome(good)).toBe('done')
    const bad = streamMessage(URL, { fetch: async () => stuck(chatEvent({ error: 'busy' })) })
    expect(await outcome(bad)).toBe('provider')
    for await (const delta of streamMessage(URL, { fetch: async () => stuck(chatEvents('a').join('')) })) {
      if (delta.type === 'text-delta') break
    }
  })

  it('ends with [DONE], though the server keeps the connection', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a'), hang: true })
    expect(await outcome(streamMessage(URL, { fetch }))).toBe('done')
    expect(fetch.open).toBe(0)
  })

  it('needs no finish reason before [DONE], and no [DONE] after a finish reason', async () => {
    const text = chatEvent(chatChunk({ content: 'a' }))
    const finish = chatEvent(chatChunk({}, 'stop'))
    expect(
      await outcome(streamMessage(URL, { fetch: createScriptedFetch({ body: [text, 'data: [DONE]\n\n'] }) })),
    ).toBe('done')
    expect(await outcome(streamMessage(URL, { fetch: createScriptedFetch({ body: [text, finish] }) }))).toBe(
      'done',
    )
    const broken = createScriptedFetch({ body: [text, finish, new TypeError('reset')] })
    expect(await outcome(streamMessage(URL, { fetch: broken }))).toBe('done')
  })

  it('may lack the blank line after its last event', async () => {
    const body =
      chatEvent(chatChunk({ content: 'a' })) + chatEvent(chatChunk({ content: 'b' }, 'stop')).trimEnd()
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body }) })
    expect(messageText(await stream.finished)).toBe('ab')
    expect(stream.message.finishReason).toBe('stop')
  })

  it('may contain empty data, comments and JSON that is no object', async () => {
    const body = [
      ': ping\n\n',
      'data:\n\n',
      'data: null\n\n',
      'data: 7\n\n',
      'data: []\n\n',
      ...chatEvents('a'),
    ]
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body }) })
    expect(messageText(await stream.finished)).toBe('a')
  })

  it('is read with a dialect of the caller', async () => {
    const dialect: Dialect = {
      name: 'words',
      open: (write) => ({
        read({ word, last }) {
          write.text('text', word)
          if (last) write.finish('stop')
        },
      }),
    }
    const body = [chatEvent({ word: 'a' }), chatEvent({ word: 'b', last: true })]
    const stream = streamMessage(URL, { dialect, fetch: createScriptedFetch({ body }) })
    expect(messageText(await stream.finished)).toBe('ab')
  })
})

describe('the request', () => {
  it('starts at once', () => {
    const fetch = vi.fn(createScriptedFetch({ silent: true }))
    const stream = streamMessage(URL, { fetch })
    return Promise.resolve().then(() => {
      expect(fetch).toHaveBeenCalledOnce()
      stream.abort()
    })
  })

  it('sends a plain object as JSON', async () => {
    const fetch = createScriptedFetch({ body: chatEvents() })
    await streamMessage(URL, {
      fetch,
      body: { model: 'm' },
      headers: { 'x-mine': '1' },
      idempotencyKey: false,
    }).finished
    const [request] = fetch.requests
    expect(request).toMatchObject({ method: 'POST', body: '{"model":"m"}', url: URL })
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: 'text/event-stream;rivulet=1',
      'content-type': 'application/json',
      'x-mine': '1',
    })
  })

  it('leaves other bodies, methods and given headers as they are', async () => {
    const fetch = createScriptedFetch({ body: chatEvents() }, { body: chatEvents() })
    const form = new FormData()
    await streamMessage(URL, { fetch, body: form, method: 'PUT', headers: new Headers({ accept: 'x/y' }) })
      .finished
    await streamMessage(URL, { fetch }).finished
    expect(fetch.requests[0]).toMatchObject({ method: 'PUT', body: form })
    expect(fetch.requests[0]?.headers.get('content-type')).toBeNull()
    expect(fetch.requests[0]?.headers.get('accept')).toBe('x/y')
    expect(fetch.requests[1]?.method).toBe('GET')
  })

  it('keeps what a Request has, its headers too', async () => {
    const fetch = createScriptedFetch({ body: chatEvents() }, { body: chatEvents() })
    const request = (): Request =>
      new Request(URL, { method: 'POST', body: '{"model":"m"}', headers: { authorization: 'Bearer mine' } })
    await streamMessage(request(), { fetch }).finished
    expect(fetch.requests[0]).toMatchObject({ method: 'POST', url: URL })
    expect(fetch.requests[0]?.headers.get('authorization')).toBe('Bearer mine')
    expect(fetch.requests[0]?.headers.get('accept')).toBe('text/event-stream;rivulet=1')
    await streamMessage(request(), { fetch, headers: { 'x-mine': '1' } }).finished
    expect(fetch.requests[1]?.headers.get('authorization')).toBeNull()
  })

  it('keeps the method and heeds the signal of a Request', async () => {
    const fetch = createScriptedFetch({ body: chatEvents() }, { silent: true })
    await streamMessage(new Request(URL, { method: 'PUT' }), { fetch, body: { a: 1 } }).finished
    expect(fetch.requests[0]).toMatchObject({ method: 'PUT', body: '{"a":1}' })
    const controller = new AbortController()
    const stream = streamMessage(new Request(URL, { signal: controller.signal }), { fetch })
    await Promise.resolve()
    controller.abort(new Error('mine'))
    await expect(stream.finished).rejects.toThrow('mine')
  })

  it('takes its headers from a function, which may be async', async () => {
    const fetch = createScriptedFetch({ body: chatEvents() })
    await streamMessage(URL, { fetch, headers: async () => ({ authorization: 'Bearer fresh' }) }).finished
    expect(fetch.requests[0]?.headers.get('authorization')).toBe('Bearer fresh')
  })

  it('tells when a good answer opens', async () => {
    const onOpen = vi.fn()
    await streamMessage(URL, { fetch: createScriptedFetch({ body: chatEvents() }), onOpen }).finished
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(expect.any(Response))
    await outcome(streamMessage(URL, { fetch: createScriptedFetch({ status: 500 }), onOpen, retry: false }))
    expect(onOpen).toHaveBeenCalledOnce()
  })

  it('tells each delta when it joins the message, without a loop', async () => {
    const seen: string[] = []
    const fetch = createScriptedFetch({ body: chatEvents('a', 'b') })
    const stream = streamMessage(URL, {
      fetch,
      onDelta: (delta) => void seen.push(`${delta.type}: ${messageText(stream.message)}`),
    })
    // Nobody touches the stream, and it runs all the same.
    await vi.waitFor(() => expect(stream.message.status).toBe('done'), { interval: 1 })
    expect(await collect(stream)).toEqual([])
    expect(seen).toEqual(['start: ', 'text-delta: a', 'text-delta: ab', 'finish: ab'])
  })

  it('ends with what the caller throws from onOpen, onDelta or headers, and is cancelled', async () => {
    const mine = new RangeError('mine')
    const fail = (): never => {
      throw mine
    }
    const reply = { body: chatEvents('a'), hang: true }
    const fetch = createScriptedFetch(reply, reply)
    await expect(streamMessage(URL, { fetch, onOpen: fail }).finished).rejects.toBe(mine)
    expect(fetch.open).toBe(0)
    await expect(streamMessage(URL, { fetch, onDelta: fail }).finished).rejects.toBe(mine)
    expect(fetch.open).toBe(0)
    await expect(streamMessage(URL, { fetch, headers: fail }).finished).rejects.toBe(mine)
    expect(fetch.requests).toHaveLength(2)
  })
})

describe('an abort', () => {
  it('before the start sends nothing', async () => {
    const fetch = createScriptedFetch()
    const reason = new Error('not today')
    const stream = streamMessage(URL, { fetch, signal: AbortSignal.abort(reason) })
    await expect(stream.finished).rejects.toBe(reason)
    expect(fetch.requests).toHaveLength(0)
    expect(stream.message.status).toBe('aborted')
  })

  it.each(['signal', 'abort()'])(
    'by %s ends the request, rethrows the reason and keeps the text',
    async (how) => {
      const fetch = createScriptedFetch({ body: chatEvents('partial').slice(0, 2), hang: true })
      const controller = new AbortController()
      const stream = streamMessage(URL, { fetch, signal: controller.signal })
      const reason = { code: 'mine' }
      const seen: MessageDelta[] = []
      const loop = async (): Promise<void> => {
        for await (const delta of stream) {
          seen.push(delta)
          if (delta.type === 'text-delta') how === 'signal' ? controller.abort(reason) : stream.abort(reason)
        }
      }
      await expect(loop()).rejects.toBe(reason)
      await expect(stream.finished).rejects.toBe(reason)
      expect(textOf(seen)).toBe('partial')
      expect(stream.message).toMatchObject({
        status: 'aborted',
        finishReason: 'aborted',
        parts: [{ text: 'partial' }],
      })
      expect(stream.message).not.toHaveProperty('error')
      expect(fetch.requests[0]?.cancelled).toBe(true)
      expect(fetch.open).toBe(0)
    },
  )

  it('has the reason AbortError by default', async () => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ silent: true }) })
    stream.abort()
    await expect(stream.finished).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('by leaving the loop has cancelled the request when break returns', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a', 'b', 'c') })
    const stream = streamMessage(URL, { fetch })
    for await (const delta of stream) if (delta.type === 'text-delta') break
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(fetch.open).toBe(0)
    expect(stream.message).toMatchObject({ status: 'aborted', parts: [{ text: 'a' }] })
    expect(await outcome(stream)).toBe('AbortError')
  })

  it('ends a wait for headers() that never come', async () => {
    const stream = streamMessage(URL, { headers: () => new Promise(() => {}), fetch: createScriptedFetch() })
    stream.abort(new Error('enough'))
    await expect(stream.finished).rejects.toThrow('enough')
  })

  it('from onDelta lets nothing more of the same event in', async () => {
    const all = { ...chatChunk({ content: 'a', refusal: 'b' }, 'stop'), error: 'c' }
    const seen: string[] = []
    const stream: MessageStream = streamMessage(URL, {
      fetch: createScriptedFetch({ body: [chatEvent(all)] }),
      onDelta({ type }) {
        seen.push(type)
        if (type === 'text-delta') stream.abort()
      },
    })
    expect(await outcome(stream)).toBe('AbortError')
    expect(seen).toEqual(['start', 'text-delta'])
    expect(stream.message).toMatchObject({
      status: 'aborted',
      finishReason: 'aborted',
      parts: [{ text: 'a' }],
    })
    expect(stream.message.error).toBeUndefined()
  })

  it('undoes what it subscribed to the caller’s signal', async () => {
    const controller = new AbortController()
    const added = vi.spyOn(controller.signal, 'addEventListener')
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const fetch = createScriptedFetch({ body: chatEvents('a') }, { status: 500 }, { body: chatEvents('a') })
    const options = { fetch, signal: controller.signal, retry: false } as const
    await streamMessage(URL, options).finished
    await outcome(streamMessage(URL, options))
    for await (const _ of streamMessage(URL, options)) break
    expect(added).toHaveBeenCalledTimes(3)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
  })

  it('ends a fetch that does not heed its signal', async () => {
    const stream = streamMessage(URL, { fetch: () => new Promise(() => {}) })
    stream.abort(new Error('enough'))
    await expect(stream.finished).rejects.toThrow('enough')
  })

  it('closes an answer that comes after it from such a fetch', async () => {
    let answer: (response: Response) => void = () => {}
    const cancelled = vi.fn()
    const stream = streamMessage(URL, { fetch: () => new Promise((resolve) => (answer = resolve)) })
    await Promise.resolve()
    stream.abort()
    await outcome(stream)
    answer(
      new Response(new ReadableStream({ cancel: cancelled }), {
        headers: { 'content-type': 'text/event-stream' },
      }),
    )
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce())
  })

  it('shows in the message at once, and nothing joins it afterwards', async () => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: chatEvents('a', 'b') }) })
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    const late = iterator.next() // "b" is on its way
    stream.abort(new Error('enough'))
    expect(stream.message.status).toBe('aborted')
    await expect(late).rejects.toThrow('enough')
    expect(messageText(stream.message)).toBe('a')
  })

  it('after the end changes nothing', async () => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: chatEvents('a') }) })
    await stream.finished
    stream.abort()
    expect(stream.message.status).toBe('done')
    expect(await outcome(stream)).toBe('done')
  })
})

describe('the loop', () => {
  it('may run once', async () => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: chatEvents('a') }) })
    await collect(stream)
    expect(() => stream[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  it('holds the server back: nothing is read that is not taken', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a', 'b', 'c', 'd') })
    const iterator = streamMessage(URL, { fetch })[Symbol.asyncIterator]()
    await iterator.next() // the start
    expect(fetch.requests[0]?.taken).toBe(1)
    await iterator.next() // "a"
    expect(fetch.requests[0]?.taken).toBe(2)
    await iterator.return?.()
  })

  it('is not needed once finished was touched, and still gets everything', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a', 'b', 'c') })
    const stream = streamMessage(URL, { fetch })
    await stream.finished
    expect(fetch.open).toBe(0)
    const deltas = await collect(stream)
    expect(textOf(deltas)).toBe('abc')
    expect(deltas.map(({ type }) => type)).toEqual([
      'start',
      'text-delta',
      'text-delta',
      'text-delta',
      'finish',
    ])
  })

  it('answers several next() that are asked for at once, in turn', async () => {
    const iterator = streamMessage(URL, { fetch: createScriptedFetch({ body: chatEvents('a', 'b') }) })[
      Symbol.asyncIterator
    ]()
    const results = await Promise.all(Array.from({ length: 6 }, () => iterator.next()))
    expect(results.map(({ value }) => value?.type)).toEqual([
      'start',
      'text-delta',
      'text-delta',
      'finish',
      undefined,
      undefined,
    ])
  })

  it('can be left while a next() is pending, or before any', async () => {
    const fetch = createScriptedFetch({ hang: true }, { hang: true })
    const waiting = streamMessage(URL, { fetch })[Symbol.asyncIterator]()
    const next = waiting.next()
    await waiting.return?.()
    await expect(next).rejects.toMatchObject({ name: 'AbortError' })
    await streamMessage(URL, { fetch })[Symbol.asyncIterator]().return?.()
    expect(fetch.open).toBe(0)
  })

  it('ends the request when something is thrown into it', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a').slice(0, 2), hang: true })
    const iterator = streamMessage(URL, { fetch })[Symbol.asyncIterator]()
    await iterator.next()
    await expect(iterator.throw?.(new RangeError('mine'))).rejects.toThrow('mine')
    expect(fetch.open).toBe(0)
  })

  it('throws once and is over then', async () => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: chatEvents('a').slice(0, 2) }) })
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'incomplete' })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('gives what came before an error', async () => {
    const body = [
      ...chatEvents('a').slice(0, 2),
      chatEvent({ error: { message: 'Overloaded', code: 'busy' } }),
    ]
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body, hang: true }) })
    const seen: MessageDelta[] = []
    const loop = async (): Promise<void> => {
      for await (const delta of stream) seen.push(delta)
    }
    await expect(loop()).rejects.toMatchObject({
      code: 'provider',
      message: 'Overloaded',
      providerCode: 'busy',
    })
    expect(seen.map(({ type }) => type)).toEqual(['start', 'text-delta', 'error'])
  })
})

describe('a bad answer', () => {
  it('cut after any byte is a prefix of the whole, and incomplete until its finish reason is in', async () => {
    const whole = bytesOf(chatEvents('One ', 'twö ', '🙂.').join(''))
    const finishAt = new TextDecoder().decode(whole).indexOf('"stop"')
    for (let at = 0; at <= whole.length; at++) {
      const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: whole.slice(0, at) }) })
      const result = await outcome(stream)
      expect('One twö 🙂.'.startsWith(messageText(stream.message)), `cut at ${at}`).toBe(true)
      expect(['done', 'incomplete'], `cut at ${at}`).toContain(result)
      if (at < finishAt) expect(result, `cut at ${at}`).toBe('incomplete')
      expect(stream.message.status).toBe(result === 'done' ? 'done' : 'error')
    }
  })

  it('that breaks is incomplete, keeps its text and is not sent again', async () => {
    const reset = new TypeError('terminated')
    const fetch = createScriptedFetch({ body: [...chatEvents('kept').slice(0, 2), reset] })
    const stream = streamMessage(URL, { fetch })
    await expect(stream.finished).rejects.toMatchObject({
      code: 'incomplete',
      cause: reset,
      retryable: false,
    })
    expect(stream.message).toMatchObject({
      status: 'error',
      error: { code: 'incomplete' },
      parts: [{ text: 'kept' }],
    })
    expect(fetch.requests).toHaveLength(1)
  })

  it.each([
    ['a list', '[{"error":{"message":"no","code":400}}]', 'no'],
    ['an error event', '{"message":"no"}', 'no', 'error'],
    ['an error without words', '{"error":{"message":{"x":1}}}', '{"x":1}'],
    ['a finish reason', JSON.stringify(chatChunk({}, 'error')), 'The provider failed.'],
  ])('that reports its error as %s is never done', async (_, data, message, type = 'message') => {
    const body = [...chatEvents('kept').slice(0, 2), `event: ${type}\ndata: ${data}\n\n`, 'data: [DONE]\n\n']
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body }) })
    await expect(stream.finished).rejects.toMatchObject({ code: 'provider', message })
    expect(stream.message).toMatchObject({
      status: 'error',
      parts: [{ text: 'kept' }],
      error: { code: 'provider' },
    })
  })

  it.each([
    ['a code that is no text', '{"error":{"message":"x","code":{"toString":1}}}'],
    ['bottomless nesting', `{"error":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('with %s ends in a typed error', async (_, data) => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body: [`data: ${data}\n\n`] }) })
    expect(['protocol', 'provider']).toContain(await outcome(stream))
    expect(stream.message.error).toBeInstanceOf(StreamError)
  })

  it('whose terminator is padded is done', async () => {
    const body = [chatEvent(chatChunk({ content: 'a' })), 'data: [DONE] \n\n']
    expect(await outcome(streamMessage(URL, { fetch: createScriptedFetch({ body }) }))).toBe('done')
  })

  it('that reports an error in an event that its end cuts off is that error', async () => {
    const body = [...chatEvents('kept').slice(0, 2), 'data: {"error":"busy"}']
    expect(await outcome(streamMessage(URL, { fetch: createScriptedFetch({ body }) }))).toBe('provider')
  })

  it('tells the id of the last event', async () => {
    const body = ['id: 7\ndata: null\n\n', new TypeError('reset')]
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body }), retry: false })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete', lastEventId: '7' })
  })

  it.each([{}, { 'content-type': 'Text/Event-Stream;charset=UTF-8' }])(
    'of the type %j is read',
    async (headers) => {
      const fetch = createScriptedFetch({ headers: headers as Record<string, string>, body: chatEvents('a') })
      expect(await outcome(streamMessage(URL, { fetch }))).toBe('done')
    },
  )

  it('that is no JSON is a protocol error', async () => {
    const body = [...chatEvents('kept').slice(0, 2), 'data: oops, a proxy\n\n']
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ body, hang: true }) })
    await expect(stream.finished).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('oops, a proxy'),
    })
    expect(messageText(stream.message)).toBe('kept')
  })

  it('that is an HTML page at 200 is named by its title', async () => {
    const fetch = createScriptedFetch({
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<!doctype html><html><head><title>\n Sign in  to Corp</title>',
    })
    await expect(streamMessage(URL, { fetch }).finished).rejects.toMatchObject({
      code: 'content-type',
      status: 200,
      message: expect.stringContaining(': Sign in to Corp'),
      body: expect.stringContaining('<!doctype html>'),
    })
  })

  it('that is an HTML page called an event stream is no event stream', async () => {
    const fetch = createScriptedFetch({ body: '<!doctype html>\n<title>Hello</title>\n\n<p>data: x</p>\n' })
    expect(await outcome(streamMessage(URL, { fetch }))).toBe('content-type')
  })

  it('that is empty is incomplete', async () => {
    expect(await outcome(streamMessage(URL, { fetch: createScriptedFetch({}) }))).toBe('incomplete')
    expect(await outcome(streamMessage(URL, { fetch: createScriptedFetch({ status: 204 }) }))).toBe(
      'incomplete',
    )
  })

  it('with an endless line ends at the limit', async () => {
    const fetch = createScriptedFetch({ body: Array.from({ length: 50 }, () => 'x'.repeat(200)), hang: true })
    await expect(streamMessage(URL, { fetch, maxEventBytes: 1000 }).finished).rejects.toMatchObject({
      code: 'limit',
    })
    expect(fetch.requests[0]?.taken).toBe(6)
    expect(fetch.open).toBe(0)
  })

  it.each([
    [
      401,
      { error: { message: 'Incorrect API key', code: 'invalid_api_key' } },
      'The server answered 401: Incorrect API key',
      false,
    ],
    [429, { error: { message: 'Slow down' } }, 'The server answered 429: Slow down', true],
    [503, 'plain words', 'The server answered 503: plain words', true],
  ])('of status %i says what the server said', async (status, body, message, retryable) => {
    const fetch = createScriptedFetch({
      status,
      headers: { 'content-type': 'application/json', 'retry-after': '7' },
      body: JSON.stringify(body),
    })
    const stream = streamMessage(URL, { fetch, retry: false })
    await expect(stream.finished).rejects.toMatchObject({
      code: 'http',
      status,
      message,
      retryable,
      retryAfterMs: 7000,
    })
    expect(fetch.open).toBe(0)
  })

  it('of an endless error page is cut', async () => {
    const fetch = createScriptedFetch({
      status: 500,
      body: Array.from({ length: 100 }, () => 'x'.repeat(1000)),
    })
    await expect(streamMessage(URL, { fetch, retry: false }).finished).rejects.toMatchObject({
      body: 'x'.repeat(2000),
    })
    expect(fetch.requests[0]?.taken).toBe(17)
    expect(fetch.open).toBe(0)
  })

  it('that never comes is a network error', async () => {
    const cause = new TypeError('fetch failed')
    await expect(
      streamMessage(URL, { fetch: createScriptedFetch({ fails: cause }), retry: false }).finished,
    ).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      cause,
    })
  })
})

describe('time-outs', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const part = chatEvents('a').slice(0, 2)

  it.each([
    ['the headers', { silent: true }, { connect: 100 }, true],
    ['the first event', { body: [': ping\n\n'], hang: true }, { firstEvent: 100 }, false],
    ['the next event', { body: part, hang: true }, { idle: 100 }, false],
  ])('end a wait for %s', async (_, reply, timeout, retryable) => {
    const fetch = createScriptedFetch(reply)
    const stream = streamMessage(URL, { fetch, timeout, retry: false })
    const result = expect(stream.finished).rejects.toMatchObject({ code: 'timeout', retryable })
    await vi.advanceTimersByTimeAsync(102)
    await result
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['connect', { silent: true }, 30_000],
    ['firstEvent', { hang: true }, 120_000],
    ['idle', { body: part, hang: true }, 60_000],
  ])('are on by default: %s', async (_, reply, limit) => {
    const stream = streamMessage(URL, { fetch: createScriptedFetch(reply), retry: false })
    const ended = vi.fn()
    void stream.finished.catch(ended)
    await vi.advanceTimersByTimeAsync(limit - 10)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(12)
    expect(ended).toHaveBeenCalledWith(expect.objectContaining({ code: 'timeout' }))
  })

  it.each([0, Infinity, 2 ** 31])('of %d are none', async (limit) => {
    const timeout = { connect: limit, firstEvent: limit, idle: limit }
    const stream = streamMessage(URL, { fetch: createScriptedFetch({ silent: true }), timeout })
    const ended = vi.fn()
    void stream.finished.catch(ended)
    await vi.advanceTimersByTimeAsync(1e9)
    expect(ended).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
    stream.abort()
  })

  it('after the finish reason end a good answer', async () => {
    const fetch = createScriptedFetch({ body: chatEvents('a').slice(0, -1), hang: true })
    const stream = streamMessage(URL, { fetch, timeout: { idle: 100 } })
    const result = outcome(stream)
    await vi.advanceTimersByTimeAsync(102)
    expect(await result).toBe('done')
  })

  it('end a wait for headers()', async () => {
    const stream = streamMessage(URL, {
      headers: () => new Promise(() => {}),
      timeout: { connect: 100 },
      retry: false,
    })
    const result = outcome(stream)
    await vi.advanceTimersByTimeAsync(102)
    expect(await result).toBe('timeout')
  })

  it('do not blame the server for a slow consumer', async () => {
    const stream = streamMessage(URL, {
      fetch: createScriptedFetch({ body: chatEvents('a', 'b') }),
      timeout: { idle: 100 },
    })
    const deltas: MessageDelta[] = []
    const loop = async (): Promise<void> => {
      for await (const delta of stream) {
        deltas.push(delta)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    }
    const done = loop()
    await vi.advanceTimersByTimeAsync(10_000)
    await done
    expect(textOf(deltas)).toBe('ab')
  })

  it('do not hide a status whose body hangs', async () => {
    const stream = streamMessage(URL, {
      fetch: createScriptedFetch({ status: 500, body: 'half', hang: true }),
      retry: false,
    })
    const result = expect(stream.finished).rejects.toMatchObject({ code: 'http', status: 500, body: 'half' })
    await vi.advanceTimersByTimeAsync(30_001)
    await result
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('leaves nothing behind after a thousand streams that are aborted at once', async () => {
  vi.useFakeTimers()
  const replies = Array.from({ length: 1000 }, (_, i) =>
    i % 3 === 0 ? { silent: true } : { body: chatEvents('a').slice(0, i % 3), hang: true },
  )
  const fetch = createScriptedFetch(...replies)
  const outer = new AbortController()
  const streams = replies.map((_, i) => streamMessage(URL, { fetch, ...(i % 2 && { signal: outer.signal }) }))
  const results = streams.map((stream, i) => (i % 5 ? outcome(stream) : undefined))
  await vi.advanceTimersByTimeAsync(1)
  outer.abort()
  for (const stream of streams) stream.abort()
  expect(new Set(await Promise.all(results))).toEqual(new Set(['AbortError', undefined]))
  await Promise.all(streams.map(outcome))
  expect(fetch.open).toBe(0)
  expect(fetch.requests.every((request) => request.cancelled)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})
