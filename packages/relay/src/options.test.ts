import { describe, expect, test } from 'vitest'
import type { RelayOptions } from './options.ts'
import { createRelay } from './relay.ts'

describe('options that are wrong', () => {
  const upstream = { baseUrl: 'https://api.test/v1' }

  test.each([
    [{ upstream }, /createRelay needs `authorize`.*`authorize: false`/],
    [{ upstream, authorize: true }, /createRelay needs `authorize`/],
    [{ upstream: { baseUrl: 'x' }, authorize: false }, /upstream\.baseUrl/],
    [
      { upstream, authorize: false, origins: ['https://page.test/'] },
      /"https:\/\/page\.test\/".*Write "https:\/\/page\.test"/,
    ],
    [{ upstream, authorize: false, origins: ['*'] }, /"\*" is no exact origin/],
    [{ upstream, authorize: false, origins: ['null'] }, /"null" is no exact origin/],
    [{ upstream, authorize: false, hosts: ['http://localhost'] }, /"http:\/\/localhost" is no host/],
    [{ upstream, authorize: false, maxBodyBytes: 0 }, /maxBodyBytes must be/],
    [{ upstream, authorize: false, timeout: { idleMs: NaN } }, /timeout\.idleMs must be/],
    [{ upstream, authorize: false, timeout: { idle: 1 } }, /timeout\.idle is unknown/],
  ])('%j', (options, message) => {
    expect(() => createRelay(options as unknown as RelayOptions)).toThrow(TypeError)
    expect(() => createRelay(options as unknown as RelayOptions)).toThrow(message)
  })
})
