import { describe, expect, test } from 'vitest'
import { createUpstream } from './upstream.ts'

describe('addresses', () => {
  test.each([
    ['https://api.openai.com/v1', 'https://api.openai.com/v1/models'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1/models'],
    ['http://localhost:11434/v1', 'http://localhost:11434/v1/models'],
    ['https://x.test/openai/v1?api-version=2', 'https://x.test/openai/v1/models?api-version=2'],
    ['https://x.test', 'https://x.test/models'],
  ])('%s', (baseUrl, url) => {
    expect(createUpstream({ baseUrl }).url('/models')).toBe(url)
  })

  test.each([
    ['', /no absolute URL/],
    ['api.openai.com/v1', /no absolute URL/],
    ['ftp://x.test/v1', /https:\/\/ or http:\/\//],
    ['https://user:secret@x.test/v1', /user name or password/],
    ['https://x.test/v1#a', /fragment/],
  ])('%j is refused', (baseUrl, message) => {
    expect(() => createUpstream({ baseUrl })).toThrow(TypeError)
    expect(() => createUpstream({ baseUrl })).toThrow(message)
    expect(() => createUpstream({ baseUrl })).not.toThrow(/secret/)
  })
})

describe('keys', () => {
  const baseUrl = 'https://x.test/v1'

  test('a key is sent as a bearer and is a secret', () => {
    const { headers, secrets } = createUpstream({ baseUrl, apiKey: 'sk-1' })
    expect([...headers]).toEqual([['authorization', 'Bearer sk-1']])
    expect(secrets).toEqual(['sk-1'])
  })

  test.each([[undefined], ['']])('without a key (%j) nothing is sent', (apiKey) => {
    expect([...createUpstream({ baseUrl, apiKey }).headers]).toEqual([])
  })

  test.each([
    [' sk-secret'],
    ['sk-secret\n'],
    ['"sk-secret"'],
    ['sk-sec ret'],
    ['sk-secrét'],
    ['sk-secret…'],
  ])('%j is refused without being shown', (apiKey) => {
    expect(() => createUpstream({ baseUrl, apiKey })).toThrow(/upstream\.apiKey/)
    expect(() => createUpstream({ baseUrl, apiKey })).not.toThrow(/sk-sec/)
  })

  test('headers of their own win over the key; those that sound like keys are secrets', () => {
    const { headers, secrets } = createUpstream({
      baseUrl,
      apiKey: 'sk-1',
      headers: { Authorization: 'Bearer other', 'api-key': 'third', 'X-Title': 'My page' },
    })
    expect(headers.get('authorization')).toBe('Bearer other')
    expect(secrets).toEqual(['sk-1', 'other', 'third'])
  })

  test('a key in the address is a secret, other parameters are not', () => {
    const address = `${baseUrl}?api-version=2024-10-21&api-key=a%2Bb%3Dc`
    expect(createUpstream({ baseUrl: address }).secrets).toEqual(['a+b=c', 'a%2Bb%3Dc'])
  })

  test.each([[{ 'x y': 'secret' }], [{ 'x-key': 'sec\nret' }], [{ 'x-key': 'secr…t' }]])(
    '%j cannot be sent and is not shown',
    (headers) => {
      expect(() => createUpstream({ baseUrl, headers })).toThrow(/upstream\.headers: "x/)
      expect(() => createUpstream({ baseUrl, headers })).not.toThrow(/sec/)
    },
  )
})
