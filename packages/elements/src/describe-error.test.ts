import { StreamError } from '@rivulet/core'
import type { StreamErrorCode } from '@rivulet/core'
import { expect, it } from 'vitest'
import { describeError } from './describe-error.ts'

it.each<[StreamErrorCode, object, string]>([
  ['http', { status: 401 }, 'The server refused access.'],
  ['http', { status: 403 }, 'The server refused access.'],
  ['http', { status: 404 }, 'The server does not know this address or model.'],
  ['http', { status: 413 }, 'The request is too large.'],
  ['http', { status: 429 }, 'Too many requests. Try again in a moment.'],
  ['http', { status: 429, retryAfterMs: 900 }, 'Too many requests. Try again in 1 second.'],
  ['http', { status: 429, retryAfterMs: 20_000 }, 'Too many requests. Try again in 20 seconds.'],
  ['http', { status: 429, retryAfterMs: 1e12 }, 'Too many requests. Try again in a moment.'],
  ['http', { status: 503 }, 'The server has a problem. Try again in a moment.'],
  ['http', { status: 400 }, 'The server refused the request.'],
  ['network', {}, 'The server could not be reached.'],
  ['timeout', {}, 'The answer took too long.'],
  ['incomplete', {}, 'The answer broke off before it was complete.'],
  ['limit', {}, 'The answer is too large.'],
  ['provider', {}, 'The model reported an error.'],
  ['protocol', {}, 'The server sent something that is no answer.'],
  ['content-type', {}, 'The server sent something that is no answer.'],
  ['gone', {}, 'The rest of this answer is no longer there.'],
])('puts %s %j in words', (code, details, words) => {
  expect(describeError(new StreamError(code, 'detail', details))).toBe(words)
})

it('has words for any other error', () => {
  expect(describeError(new RangeError('x'))).toBe('Something went wrong.')
})

it('knows a StreamError of another copy of core', () => {
  const foreign = Object.assign(new Error('x'), { name: 'StreamError', code: 'timeout' })
  expect(describeError(foreign)).toBe('The answer took too long.')
})
