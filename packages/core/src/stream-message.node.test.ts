import { chatEvents } from '@rivulet/testkit'
import { startUpstream } from '@rivulet/testkit/node'
import type { Upstream } from '@rivulet/testkit/node'
import { afterEach, expect, it, vi } from 'vitest'
import { StreamError } from './errors.ts'
import { messageText } from './message.ts'
import { streamMessage } from './stream-message.ts'

// The same as in stream-message.test.ts, with real sockets: what a scripted fetch could have made up.

const headers = { 'content-type': 'text/event-stream' }
let upstream: Upstream
afterEach(() => upstream.close())

it('reads an answer that comes in small pieces', async () => {
  upstream = await startUpstream({ headers, body: chatEvents('héllo ', '🙂').join(''), pieces: 3 })
  const message = await streamMessage(upstream.url, { body: {} }).finished
  expect(messageText(message)).toBe('héllo 🙂')
  expect(upstream.requests[0]).toMatchObject({ method: 'POST' })
})

it('calls a connection that is cut incomplete, and does not ask again', async () => {
  const body = chatEvents('kept', 'lost').join('')
  upstream = await startUpstream({ headers, body, cutAfter: body.indexOf('lost') + 2 })
  const stream = streamMessage(upstream.url, { body: {} })
  await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
  expect(messageText(stream.message)).toBe('kept')
  expect(upstream.requests).toHaveLength(1)
})

it('says that nobody listens', async () => {
  upstream = await startUpstream({ headers, body: '' })
  const { url } = upstream
  await upstream.close()
  await expect(streamMessage(url, { retry: false }).finished).rejects.toMatchObject({
    code: 'network',
    retryable: true,
  })
})

it('has ended the request at the server when it is left', async () => {
  upstream = await startUpstream({ headers, body: chatEvents('a').slice(0, 2).join(''), hang: true })
  for await (const delta of streamMessage(upstream.url)) if (delta.type === 'text-delta') break
  expect(await (await upstream.request(0)).ended).toBe('aborted')
})

it('leaves no connection behind after a thousand streams that are aborted at once', async () => {
  upstream = await startUpstream({ headers, body: chatEvents('a').slice(0, 2).join(''), hang: true })
  const streams = Array.from({ length: 1000 }, () => streamMessage(upstream.url, { body: {} }))
  const results = streams.map(({ finished }) => finished.catch((error: unknown) => error))
  await vi.waitFor(() => expect(upstream.requests.length).toBeGreaterThan(100), { timeout: 10_000 })
  for (const stream of streams) stream.abort()
  for (const result of await Promise.all(results)) expect(result).toMatchObject({ name: 'AbortError' })
  await vi.waitFor(() => expect(upstream.connections).toBe(0), { timeout: 10_000 })
  expect(streams.every(({ message }) => message.status === 'aborted')).toBe(true)
  expect(results.some((result) => result instanceof StreamError)).toBe(false)
}, 30_000)
