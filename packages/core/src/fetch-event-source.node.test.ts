import * as theirs from '@microsoft/fetch-event-source'
import { startUpstream } from '@rivulet/testkit/node'
import type { Upstream } from '@rivulet/testkit/node'
import { afterEach, expect, it } from 'vitest'
import { fetchEventSource } from './fetch-event-source.ts'

// With real sockets, and without a document: the sixth fault of the original.

const headers = { 'content-type': 'text/event-stream' }
let upstream: Upstream
afterEach(() => upstream.close())

it('6. needs a document and a window; ours needs neither', async () => {
  upstream = await startUpstream({ headers, body: 'data: é\n\n', pieces: 2 })
  await expect(theirs.fetchEventSource(upstream.url, {})).rejects.toThrow('document is not defined')
  expect(upstream.requests).toHaveLength(0)

  const data: string[] = []
  await fetchEventSource(upstream.url, { onmessage: (message) => void data.push(message.data) })
  expect(data).toEqual(['é'])
})

it('sends a POST once, though its connection is cut', async () => {
  const body = 'data: a\n\ndata: b\n\n'
  upstream = await startUpstream({ headers, body, cutAfter: 12 })
  const data: string[] = []
  const done = fetchEventSource(upstream.url, {
    method: 'POST',
    body: '{}',
    onmessage: (message) => void data.push(message.data),
    onerror: () => 1,
  })
  await expect(done).rejects.toMatchObject({ name: 'StreamError', code: 'incomplete' })
  expect(data).toEqual(['a'])
  expect(upstream.requests).toHaveLength(1)
})

it('does not send the body of a Request twice', async () => {
  upstream = await startUpstream({ status: 503, headers, body: '' })
  const request = new Request(upstream.url, { method: 'POST', body: 'once' })
  await expect(fetchEventSource(request, { onerror: () => 1 })).rejects.toMatchObject({ status: 503 })
  expect(upstream.requests).toHaveLength(1)
})

it('has ended the request at the server when it is aborted', async () => {
  upstream = await startUpstream({ headers, body: 'data: a\n\n', hang: true })
  const controller = new AbortController()
  const done = fetchEventSource(upstream.url, {
    signal: controller.signal,
    onmessage: () => controller.abort(),
  })
  await expect(done).rejects.toMatchObject({ name: 'AbortError' })
  expect(await (await upstream.request(0)).ended).toBe('aborted')
})

it('is no unhandled rejection when it is aborted and nobody waits', async () => {
  upstream = await startUpstream({ headers, body: 'data: a\n\n', hang: true })
  const unhandled: unknown[] = []
  const keep = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', keep)
  try {
    const begun = new AbortController()
    void fetchEventSource(upstream.url, { signal: begun.signal })
    void fetchEventSource(upstream.url, { signal: AbortSignal.abort() })
    await upstream.request(0)
    begun.abort()
    // What goes wrong is told, as with any promise.
    void fetchEventSource('not a url', {
      onerror: (error: unknown) => {
        throw error
      },
    })
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([expect.objectContaining({ code: 'network' })])
  } finally {
    process.off('unhandledRejection', keep)
  }
})
