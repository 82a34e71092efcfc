import { expect, test } from 'vitest'
import { isLoopback } from './loopback.ts'

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.4', false],
  ['127.0.0.1.evil.test', false],
  ['localhost.evil.test', false],
])('%s: %s', (hostname, loopback) => {
  expect(isLoopback(hostname)).toBe(loopback)
})
