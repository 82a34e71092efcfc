import { expect, it } from 'vitest'
import { createMetricsRecorder, createTokenCounter } from './metrics.ts'

it('takes the times and the rate of a stream', () => {
  let at = 1000
  const metrics = createMetricsRecorder(() => at)
  const count = createTokenCounter(metrics)
  expect(metrics.snapshot()).toEqual({
    longestGapMs: 0,
    durationMs: 0,
    bytes: 0,
    events: 0,
    attempts: 0,
    resumed: false,
    outputTokens: 0,
    estimated: true,
  })
  at = 1100
  metrics.figures.attempts = 1
  metrics.headers(false)
  at = 1300
  metrics.chunk(50, 1)
  count({ type: 'start', dialect: 'x' })
  for (const time of [1500, 1700, 2500]) {
    at = time
    metrics.chunk(10, 1)
    at = time + 90 // a consumer that takes its time
    count({ type: 'text-delta', part: 0, delta: 'a' })
  }
  expect(metrics.snapshot()).toEqual({
    timeToHeadersMs: 100,
    timeToFirstEventMs: 300,
    timeToFirstTokenMs: 500,
    longestGapMs: 800,
    durationMs: 1590,
    bytes: 80,
    events: 4,
    attempts: 1,
    resumed: false,
    outputTokens: 3,
    tokensPerSecond: 3,
    estimated: true,
  })
  count({ type: 'usage', usage: { outputTokens: 10, raw: {} } })
  at = 3000
  metrics.end()
  at = 9000
  expect(metrics.snapshot()).toMatchObject({
    outputTokens: 10,
    tokensPerSecond: 10,
    estimated: false,
    durationMs: 2000,
  })
})

it('takes the first event’s time from the chunk that completes it', () => {
  let at = 0
  const metrics = createMetricsRecorder(() => at)
  for (const events of [0, 2, 1]) {
    at += 100
    metrics.chunk(10, events)
  }
  expect(metrics.snapshot()).toMatchObject({ timeToFirstEventMs: 200, events: 3 })
})

it('gives no rate for an answer that came at once', () => {
  const metrics = createMetricsRecorder(() => 5)
  const count = createTokenCounter(metrics)
  metrics.chunk(10, 2)
  count({ type: 'text-delta', part: 0, delta: 'a' })
  count({ type: 'text-delta', part: 0, delta: 'b' })
  expect(metrics.snapshot().tokensPerSecond).toBeUndefined()
})
