import { bytesOf, chatChunk, chatEvent, chatEvents, createScriptedFetch } from '@rivulet/testkit'
import type { ScriptedReply } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { messageText } from './message.ts'
import { streamMessage } from './stream-message.ts'
import type { MessageDelta, StreamMessageInit } from './types.ts'

const URL_ = 'https://relay.example/v1/chat/completions'
const reset = new TypeError('terminated')
const RELAY = { 'content-type': 'text/event-stream; rivulet=1', 'content-location': '../streams/s1' }
const END = 'event: rivulet.end\ndata: {}\n\n'

/** The events of a relay: numbered, after an id without data, and with an end of their own. */
const relayed = (...pieces: string[]): string[] => [
  'retry: 1\nid: 0\n\n',
  ...chatEvents(...pieces).map((event, i) => `id: ${i + 1}\n${event}`),
  END,
]
const whole = relayed('One ', 'twö ', '🙂.')

beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0))
afterEach(() => void vi.restoreAllMocks())

const ask = (fetch: StreamMessageInit['fetch'], init: StreamMessageInit = {}) =>
  streamMessage(URL_, { body: {}, fetch, idempotencyKey: false, ...init })

describe('an answer of a relay', () => {
  it('is whole wherever the connection breaks: nothing lost, nothing twice, asked once', async () => {
    const bytes = bytesOf(whole.join(''))
    for (let at = 0; at <= bytes.length; at++) {
      for (const end of [[reset], []]) {
        const methods: string[] = []
        const fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
          methods.push(init?.method ?? '')
          const after = new URL(String(input)).searchParams.get('after')
          const rest = whole.slice(after === null ? 0 : Number(after) + 1)
          const body = methods.length === 1 ? [bytes.slice(0, at), ...end] : [rest.join('')]
          return createScriptedFetch({ headers: RELAY, body })(String(input), init)
        }
        const deltas: MessageDelta[] = []
        const stream = ask(fetch)
        const loop = async (): Promise<void> => {
          for await (const delta of stream) deltas.push(delta)
        }
        const what = `cut at ${at}, ${end.length > 0 ? 'broken' : 'ended'}`
        await loop()
        expect(messageText(stream.message), what).toBe('One twö 🙂.')
        expect(stream.message, what).toMatchObject({ status: 'done', finishReason: 'stop' })
        expect(deltas.map((delta) => ('delta' in delta ? delta.delta : '')).join(''), what).toBe(
          'One twö 🙂.',
        )
        expect(
          methods.filter((method) => method === 'POST'),
          what,
        ).toHaveLength(1)
      }
    }
  }, 30_000)

  it('may report its end without a terminator of the provider’s', async () => {
    const events = relayed('a')
    events.splice(-2, 1)
    const stream = ask(createScriptedFetch({ headers: RELAY, body: events, hang: true }))
    expect(await stream.finished).toMatchObject({ status: 'done', parts: [{ text: 'a' }] })
  })

  it('that ended without a finish reason is not done', async () => {
    const body = [...relayed('a').slice(0, 3), END]
    const stream = ask(createScriptedFetch({ headers: RELAY, body }))
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'a' }] })
  })

  it('with nothing more to give after a break is done only if its finish reason is in', async () => {
    const first = { headers: RELAY, body: [...relayed('a').slice(0, 3), reset] }
    const cut = ask(createScriptedFetch(first, { status: 204 }))
    await expect(cut.finished).rejects.toMatchObject({ code: 'incomplete', lastEventId: '2' })
    const good = { headers: RELAY, body: [...relayed('a').slice(0, 4), reset] }
    expect(await ask(createScriptedFetch(good, { status: 204 })).finished).toMatchObject({ status: 'done' })
  })

  it.each<[string, ScriptedReply]>([
    ['gone', { status: 410 }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<title>x</title>' }],
    ['refused', { status: 400 }],
  ])('that cannot be resumed keeps its text: %s', async (_, reply) => {
    const first = { headers: RELAY, body: [...relayed('kept').slice(0, 3), reset] }
    const fetch = createScriptedFetch(first, reply)
    const stream = ask(fetch)
    await expect(stream.finished).rejects.toMatchObject({ name: 'StreamError', retryable: false })
    expect(messageText(stream.message)).toBe('kept')
    expect(fetch.requests).toHaveLength(2)
  })

  it('is told to stop by abort(), and by leaving the loop', async () => {
    const open = { headers: RELAY, body: relayed('a').slice(0, 3), hang: true }
    for (const how of ['abort', 'leave']) {
      const fetch = createScriptedFetch(open, { status: 204 })
      const stream = ask(fetch)
      for await (const delta of stream) {
        if (delta.type !== 'text-delta') continue
        if (how === 'leave') break
        stream.abort()
        break
      }
      await vi.waitFor(() => expect(fetch.requests).toHaveLength(2))
      expect(fetch.requests[1]).toMatchObject({
        method: 'POST',
        url: 'https://relay.example/v1/streams/s1/stop',
      })
    }
  })

  it('is not told to stop when it has ended', async () => {
    const fetch = createScriptedFetch({ headers: RELAY, body: whole })
    for await (const _ of ask(fetch));
    await Promise.resolve()
    expect(fetch.requests).toHaveLength(1)
  })

  it('has its error read from the relay', async () => {
    const error = 'event: rivulet.error\ndata: {"code":"upstream_timeout","message":"Too slow."}\n\n'
    const stream = ask(createScriptedFetch({ headers: RELAY, body: [...relayed('a').slice(0, 3), error] }))
    await expect(stream.finished).rejects.toMatchObject({
      code: 'provider',
      providerCode: 'upstream_timeout',
    })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'a' }] })
  })
})

describe('an answer that is resumed', () => {
  const headers = { 'content-type': 'text/event-stream', 'content-location': '/s/1' }

  it('forgets the event that the break cut off, which comes again', async () => {
    const one = `id: 1\n${chatEvent(chatChunk({ content: 'a' }))}`
    const two = `id: 2\n${chatEvent(chatChunk({ content: 'b' }, 'stop'))}`
    const stream = ask(
      createScriptedFetch({ headers, body: [one, two.trimEnd()] }, { body: [two, 'data: [DONE]\n\n'] }),
    )
    expect(messageText(await stream.finished)).toBe('ab')
    const lost = ask(createScriptedFetch({ headers, body: [one, two.trimEnd()] }, { status: 404 }))
    await expect(lost.finished).rejects.toMatchObject({ code: 'gone' })
    expect(messageText(lost.message)).toBe('a')
  })

  it('keeps a whole record that lacks only its blank line, if nothing else will come', async () => {
    const body = [
      chatEvent(chatChunk({ content: 'a' })),
      chatEvent(chatChunk({ content: 'b' }, 'stop')).trimEnd(),
    ]
    const stream = ask(createScriptedFetch({ body: [...body, reset] }))
    expect(messageText(await stream.finished)).toBe('ab')
  })

  it('is not asked for the epilogue of an answer whose finish reason is in', async () => {
    const body = chatEvents('a')
      .slice(0, -1)
      .map((event, i) => `id: ${i + 1}\n${event}`)
    const fetch = createScriptedFetch({ headers, body })
    expect(await ask(fetch).finished).toMatchObject({ status: 'done' })
    expect(fetch.requests).toHaveLength(1)
  })

  it('counts as resumed in its figures', async () => {
    const body = chatEvents('a', 'b').map((event, i) => `id: ${i + 1}\n${event}`)
    const stream = ask(
      createScriptedFetch({ headers, body: [...body.slice(0, 2), reset] }, { body: body.slice(2) }),
    )
    await stream.finished
    expect(stream.metrics).toMatchObject({ attempts: 2, resumed: true, events: 5, outputTokens: 2 })
  })
})

it('reads an answer of JSON records, and a whole completion, as a message', async () => {
  const json = { 'content-type': 'application/json' }
  const records = [chatChunk({ content: 'a' }), chatChunk({ content: 'b' }, 'stop')]
  const list = ask(createScriptedFetch({ headers: json, body: JSON.stringify(records, null, 2) }))
  expect(messageText(await list.finished)).toBe('ab')
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const ndjson = ask(
    createScriptedFetch({ headers: { 'content-type': 'application/x-ndjson' }, body: lines }),
  )
  expect(messageText(await ndjson.finished)).toBe('ab')
  const whole = { id: 'c', choices: [{ index: 0, finish_reason: 'stop', message: { content: 'all of it' } }] }
  const completion = ask(createScriptedFetch({ headers: json, body: JSON.stringify(whole) }))
  expect(messageText(await completion.finished)).toBe('all of it')
  const error = ask(createScriptedFetch({ headers: json, body: '{"error":{"message":"No."}}' }))
  await expect(error.finished).rejects.toMatchObject({ code: 'provider', message: 'No.' })
})

it('ends with what onDelta throws, also when the finish reason is in', async () => {
  for (const mine of [Object.assign(new Error('mine'), { code: 'gone' }), new TypeError('network')]) {
    const stream = ask(createScriptedFetch({ body: chatEvents('a') }), {
      onDelta({ type }) {
        if (type === 'finish') throw mine
      },
    })
    await expect(stream.finished).rejects.toBe(mine)
    expect(stream.message.status).toBe('error')
  }
})
