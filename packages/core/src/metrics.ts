import type { MessageDelta, StreamMetrics } from './types.ts'

/** Takes the times of one stream. */
export interface MetricsRecorder {
  attempt(): void
  /** The headers of a good answer are in. */
  headers(resumed: boolean): void
  chunk(bytes: number): void
  event(): void
  delta(delta: MessageDelta): void
  end(): void
  snapshot(): StreamMetrics
}

export function createMetricsRecorder(now: () => number = () => performance.now()): MetricsRecorder {
  const startedAt = now()
  const since = (): number => now() - startedAt
  const metrics: { -readonly [K in keyof StreamMetrics]: StreamMetrics[K] } = {
    longestGapMs: 0,
    durationMs: 0,
    bytes: 0,
    events: 0,
    attempts: 0,
    resumed: false,
    outputTokens: 0,
    estimated: true,
  }
  /** When the newest chunk came. Events and tokens are as old as it, however late the consumer takes them. */
  let chunkMs = 0
  let lastTokenMs = 0
  let ended = false

  return {
    attempt() {
      metrics.attempts++
    },
    headers(resumed) {
      metrics.timeToHeadersMs ??= since()
      metrics.resumed ||= resumed
    },
    chunk(length) {
      const at = since()
      if (metrics.bytes) metrics.longestGapMs = Math.max(metrics.longestGapMs, at - chunkMs)
      chunkMs = at
      metrics.bytes += length
    },
    event() {
      metrics.events++
      metrics.timeToFirstEventMs ??= chunkMs
    },
    delta(delta) {
      if ('delta' in delta) {
        if (metrics.estimated) metrics.outputTokens++
        lastTokenMs = chunkMs
        metrics.timeToFirstTokenMs ??= chunkMs
      } else if (delta.type === 'usage' && delta.usage.outputTokens !== undefined) {
        metrics.outputTokens = delta.usage.outputTokens
        metrics.estimated = false
      }
    },
    end() {
      metrics.durationMs = since()
      ended = true
    },
    snapshot() {
      if (!ended) metrics.durationMs = since()
      // NaN without a token, 0 when they all came at once.
      const seconds = (lastTokenMs - (metrics.timeToFirstTokenMs as number)) / 1000
      return { ...metrics, tokensPerSecond: seconds > 0 ? metrics.outputTokens / seconds : undefined }
    },
  }
}
