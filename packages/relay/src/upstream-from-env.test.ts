import { describe, expect, test } from 'vitest'
import { upstreamFromEnv } from './upstream-from-env.ts'

const baseUrl = 'https://api.openai.com/v1'

describe('what the environment names', () => {
  test.each([
    [{}, undefined],
    [{ OPENAI_API_KEY: '', OPENAI_BASE_URL: '' }, undefined],
    [{ OPENAI_API_KEY: 'sk-1' }, { baseUrl, apiKey: 'sk-1' }],
    [{ OPENAI_BASE_URL: 'http://localhost:11434/v1/' }, { baseUrl: 'http://localhost:11434/v1' }],
    [
      { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'https://openrouter.ai/api/v1' },
      { baseUrl: 'https://openrouter.ai/api/v1', apiKey: 'k' },
    ],
    [
      { OPENAI_BASE_URL: 'https://generativelanguage.googleapis.com/v1beta/openai/' },
      { baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai' },
    ],
  ])('%j', (env, upstream) => {
    expect(upstreamFromEnv(env)).toEqual({ given: upstream !== undefined, upstream, problems: [] })
  })
})

describe('what is left off, and named', () => {
  test.each([
    [{ OPENAI_API_KEY: ' sk-1' }, [/OPENAI_API_KEY has white space/]],
    [{ OPENAI_API_KEY: 'sk-1\r\n' }, [/OPENAI_API_KEY has white space/]],
    [{ OPENAI_API_KEY: '"sk-1"' }, [/OPENAI_API_KEY has quotes/]],
    [{ OPENAI_API_KEY: "'sk-1'" }, [/OPENAI_API_KEY has quotes/]],
    [{ OPENAI_API_KEY: '“sk-1”' }, [/OPENAI_API_KEY has quotes/]],
    [{ OPENAI_API_KEY: ' " sk-1 " ' }, [/OPENAI_API_KEY has white space/, /OPENAI_API_KEY has quotes/]],
    [{ OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: `"${baseUrl}"` }, [/OPENAI_BASE_URL has quotes/]],
    [
      { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: `${baseUrl}/chat/completions` },
      [/ends in \/chat\/completions/],
    ],
  ])('%j', (env, said) => {
    const { upstream, problems } = upstreamFromEnv(env)
    expect(upstream).toEqual({ baseUrl, apiKey: 'sk-1' })
    expect(problems).toHaveLength(said.length)
    said.forEach((message, index) => expect(problems[index]).toMatch(message))
    expect(problems.join()).not.toContain('sk-1')
  })
})

describe('what is odd, but used', () => {
  test('an address without a version', () => {
    const { upstream, problems } = upstreamFromEnv({ OPENAI_BASE_URL: 'http://localhost:11434' })
    expect(upstream).toEqual({ baseUrl: 'http://localhost:11434' })
    expect(problems).toEqual([expect.stringContaining('http://localhost:11434/v1')])
  })

  test.each([
    ['http://example.com/v1', 1],
    ['http://8.8.8.8/v1', 1],
    ['https://example.com/v1', 0],
    ['http://ollama:11434/v1', 0],
    ['http://192.168.1.4/v1', 0],
    ['http://[::1]:8000/v1', 0],
  ])('a key over %s: %i problems', (OPENAI_BASE_URL, count) => {
    const { problems } = upstreamFromEnv({ OPENAI_BASE_URL, OPENAI_API_KEY: 'sk-1' })
    expect(problems.filter((problem) => problem.includes('read the key'))).toHaveLength(count)
  })
})

describe('what cannot be used', () => {
  test.each([
    [{ OPENAI_API_KEY: 'sk-1 sk-2' }, /OPENAI_API_KEY has white space, quotes or characters inside/],
    [{ OPENAI_API_KEY: 'sk-…' }, /OPENAI_API_KEY has/],
    [{ OPENAI_BASE_URL: 'api.openai.com/v1' }, /OPENAI_BASE_URL is no http/],
    [{ OPENAI_BASE_URL: 'sk-1' }, /OPENAI_BASE_URL is no http/],
    [{ OPENAI_BASE_URL: 'https://x.test/v1\nOPENAI_API_KEY=' }, /OPENAI_BASE_URL is no http/],
    [{ OPENAI_BASE_URL: 'ftp://x.test/v1' }, /OPENAI_BASE_URL is no http/],
    [{ OPENAI_BASE_URL: 'https://sk-1@x.test/v1' }, /OPENAI_BASE_URL must hold no user name/],
  ])('%j', (env, said) => {
    const { given, upstream, problems } = upstreamFromEnv(env)
    expect({ given, upstream }).toEqual({ given: true, upstream: undefined })
    expect(problems).toEqual([expect.stringMatching(said)])
    expect(problems.join()).not.toContain('sk-1')
  })
})
