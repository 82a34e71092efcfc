import { describe, expect, it } from 'vitest'
import { describeState, formatDuration } from './metrics.ts'

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

describe('describeState', () => {
  it.each([
    ['streaming', undefined, 'Streaming'],
    ['done', undefined, 'Done'],
    ['done', 'stop', 'Done'],
    ['done', 'tool-calls', 'Done'],
    ['done', 'length', 'Cut off'],
    ['done', 'content-filter', 'Cut off'],
    ['error', 'length', 'Failed'],
    ['aborted', 'length', 'Stopped'],
  ] as const)('shows %s with the reason %s as %s', (status, reason, words) => {
    expect(describeState(status, reason)).toBe(words)
  })
})
