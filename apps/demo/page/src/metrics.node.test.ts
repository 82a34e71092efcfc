import { describe, expect, it } from 'vitest'
import { formatDuration } from './metrics.ts'

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [412.4, '412 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1240, '1.24 s'],
    [9994, '9.99 s'],
    [9996, '10.0 s'],
    [12_340, '12.3 s'],
  ])('shows %d as %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words)
  })
})
