import { expect, it } from 'vitest'

// 6. needs a document and a window: see fetch-event-source.node.test.ts, too.

it('works in a worker', async () => {
  const source = new URL('./fetch-event-source.ts', import.meta.url).href
  const body = `
    import { fetchEventSource } from ${JSON.stringify(source)}
    const headers = { 'content-type': 'text/event-stream' }
    const replies = [['data: a\\n\\n', 'data: cut'], ['data: b\\n\\n']]
    const fetch = async () => {
      const blob = new Blob(replies.shift())
      return new Response(blob.stream(), { headers })
    }
    const told = [typeof document, typeof window]
    await fetchEventSource('/events', {
      fetch,
      onmessage: ({ data }) => told.push(data),
      onerror: ({ code }) => (told.push(code), 0),
      onclose: () => told.push('closed'),
    })
    postMessage(told)
  `
  const url = URL.createObjectURL(new Blob([body], { type: 'text/javascript' }))
  const worker = new Worker(url, { type: 'module' })
  try {
    const told = await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data))
      worker.addEventListener('error', (event) => reject(new Error(event.message || 'It does not load')))
    })
    expect(told).toEqual(['undefined', 'undefined', 'a', 'incomplete', 'b', 'closed'])
  } finally {
    worker.terminate()
    URL.revokeObjectURL(url)
  }
})
