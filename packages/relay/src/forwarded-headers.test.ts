import { expect, test } from 'vitest'
import { headersToClient, headersToUpstream } from './forwarded-headers.ts'
import { createRedactor } from './redact.ts'
import { createUpstream } from './upstream.ts'

const upstream = createUpstream({ baseUrl: 'https://x.test/v1', apiKey: 'sk-server' })

test('to the upstream go the listed ones and the server’s key, nothing else', () => {
  const client = new Headers({
    accept: 'text/event-stream',
    authorization: 'Bearer sk-client',
    connection: 'x-hop',
    'content-type': 'application/json',
    cookie: 'session=1',
    host: 'relay.test',
    'idempotency-key': 'k1',
    origin: 'https://page.test',
    traceparent: '00-a-b-01',
    'x-forwarded-for': '10.0.0.1',
    'x-hop': '1',
  })
  expect(Object.fromEntries(headersToUpstream(client, upstream))).toEqual({
    accept: 'text/event-stream',
    'accept-encoding': 'identity',
    authorization: 'Bearer sk-server',
    'content-type': 'application/json',
    'idempotency-key': 'k1',
    traceparent: '00-a-b-01',
  })
})

test('the client’s authorization does not go on when the server has no key', () => {
  const open = createUpstream({ baseUrl: 'https://x.test/v1' })
  expect(
    headersToUpstream(new Headers({ authorization: 'Bearer sk-client' }), open).has('authorization'),
  ).toBe(false)
})

test('the handshake for resuming stays between client and relay', () => {
  const headers = headersToUpstream(
    new Headers({ accept: 'text/event-stream; rivulet=1, */*;q=0.1' }),
    upstream,
  )
  expect(headers.get('accept')).toBe('text/event-stream, */*;q=0.1')
})

test('to the client go the listed ones only', () => {
  const headers = new Headers({
    'access-control-allow-origin': '*',
    'content-encoding': 'gzip',
    'content-length': '3',
    'content-type': 'text/event-stream',
    'openai-organization': 'acme',
    'retry-after': '3',
    server: 'x',
    'transfer-encoding': 'chunked',
    'x-ratelimit-remaining-tokens': '5',
    'x-request-id': 'req_1',
  })
  expect(Object.fromEntries(headersToClient(headers, (text) => text))).toEqual({
    'content-type': 'text/event-stream',
    'retry-after': '3',
    'x-request-id': 'req_1',
  })
})

test('secrets in what goes to the client are hidden', () => {
  const headers = new Headers({ 'content-type': 'application/json', 'x-request-id': 'req for sk-server-1' })
  const redact = createRedactor(['sk-server-1'])
  expect(Object.fromEntries(headersToClient(headers, redact))).toEqual({
    'content-type': 'application/json',
    'x-request-id': 'req for [redacted]',
  })
})
