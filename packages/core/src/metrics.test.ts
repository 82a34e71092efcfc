import { expect, it } from 'vitest'
import { createMetricsRecorder } from './metrics.ts'

it('takes the times and the rate of a stream', () => {
  let at = 1000
  const metrics = createMetricsRecorder(() => at)
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
  metrics.attempt()
  metrics.headers(false)
  at = 1300
  metrics.chunk(50)
  metrics.event()
  metrics.delta({ type: 'start', dialect: 'x' })
  for (const time of [1500, 1700, 2500]) {
    at = time
    metrics.chunk(10)
    metrics.event()
    at = time + 90 // a consumer that takes its time
    metrics.delta({ type: 'text-delta', part: 0, delta: 'a' })
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
  metrics.delta({ type: 'usage', usage: { outputTokens: 10, raw: {} } })
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

it('gives no rate for an answer that came at once', () => {
  const metrics = createMetricsRecorder(() => 5)
  metrics.chunk(10)
  metrics.delta({ type: 'text-delta', part: 0, delta: 'a' })
  metrics.delta({ type: 'text-delta', part: 0, delta: 'b' })
  expect(metrics.snapshot().tokensPerSecond).toBeUndefined()
})
