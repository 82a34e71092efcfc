import { describe, expect, it } from 'vitest'
import { createRelay } from './relay.ts'

async function ask(
  url: string,
  baseUrl: string,
  method = 'POST',
): Promise<{ status: number; asked: string[] }> {
  const asked: string[] = []
  const relay = createRelay({
    upstream: { baseUrl, apiKey: 'k' },
    authorize: false,
    fetch: async (input) => {
      asked.push(String(input))
      return new Response('data: {}\n\n', { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  const init = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}
  const { status } = await relay.fetch(new Request(url, { method, ...init }))
  return { status, asked }
}

describe("a provider's own path", () => {
  it.each([
    ['/v1/chat/completions', 'https://a.test/v1', 'https://a.test/v1/chat/completions'],
    ['/v1/completions', 'https://a.test/v1', 'https://a.test/v1/completions'],
    ['/v1/responses', 'https://a.test/v1', 'https://a.test/v1/responses'],
    ['/v1/messages', 'https://a.test/v1', 'https://a.test/v1/messages'],
    ['/v2/chat', 'https://a.test/v2', 'https://a.test/v2/chat'],
    ['/api/chat', 'http://a.test:11434/api', 'http://a.test:11434/api/chat'],
    ['/api/generate', 'http://a.test:11434/api', 'http://a.test:11434/api/generate'],
    [
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      'https://a.test/v1beta',
      'https://a.test/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    ],
    [
      '/v1beta/models/gemini-2.5-flash:generateContent',
      'https://a.test/v1beta',
      'https://a.test/v1beta/models/gemini-2.5-flash:generateContent',
    ],
  ])('%s goes to the same of the upstream, wherever the relay is mounted', async (path, base, to) => {
    for (const mount of ['', '/llm', '/api/v1/llm']) {
      expect(await ask(`http://relay.test${mount}${path}`, base), mount).toEqual({ status: 200, asked: [to] })
    }
  })

  it('keeps the query of the base URL, and takes nothing from the client but alt=sse', async () => {
    const { asked } = await ask(
      'http://relay.test/v1beta/models/m:streamGenerateContent?alt=sse&key=stolen&api-version=9',
      'https://a.test/v1beta?api-version=2',
    )
    expect(asked).toEqual(['https://a.test/v1beta/models/m:streamGenerateContent?api-version=2&alt=sse'])
    expect((await ask('http://relay.test/v1/messages?beta=1&alt=media', 'https://a.test/v1')).asked).toEqual([
      'https://a.test/v1/messages',
    ])
  })

  it.each([
    '/v1beta/models/m:countTokens',
    '/v1beta/models/..%2f..%2fadmin:generateContent',
    '/v1beta/models/a/b:generateContent',
    '/v1/files',
    '/v2/embed',
    '/api/pull',
    '/api/chat/x',
  ])('%s is not there', async (path) => {
    expect(await ask(`http://relay.test${path}`, 'https://a.test/v1')).toEqual({ status: 404, asked: [] })
  })

  it('wants a POST', async () => {
    for (const path of ['/v1/messages', '/api/chat', '/v1beta/models/m:streamGenerateContent']) {
      expect(await ask(`http://relay.test${path}`, 'https://a.test/v1', 'GET'), path).toEqual({
        status: 405,
        asked: [],
      })
    }
  })
})
