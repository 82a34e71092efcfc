import type { MessageDelta, StreamMetrics } from './types.ts'

/** Takes the times of one stream. */
export interface MetricsRecorder {
  headers(): void
  chunk(bytes: number): void
  event(): void
  delta(delta: MessageDelta): void
  end(): void
  snapshot(): StreamMetrics
}

export function createMetricsRecorder(now: () => number = () => performance.now()): MetricsRecorder {
  const startedAt = now()
  const since = (): number => now() - startedAt
  let timeToHeadersMs: number | undefined
  let timeToFirstEventMs: number | undefined
  let timeToFirstTokenMs: number | undefined
  /** When the newest chunk came. Events and tokens are as old as it, however late the consumer takes them. */
  let chunkMs: number | undefined
  let lastTokenMs = 0
  let endMs: number | undefined
  let longestGapMs = 0
  let bytes = 0
  let events = 0
  let deltas = 0
  let reported: number | undefined

  return {
    headers() {
      timeToHeadersMs = since()
    },
    chunk(length) {
      const at = since()
      longestGapMs = Math.max(longestGapMs, at - (chunkMs ?? at))
      chunkMs = at
      bytes += length
    },
    event() {
      events++
      timeToFirstEventMs ??= chunkMs
    },
    delta(delta) {
      if ('delta' in delta) {
        deltas++
        lastTokenMs = chunkMs ?? 0
        timeToFirstTokenMs ??= lastTokenMs
      } else if (delta.type === 'usage') reported = delta.usage.outputTokens ?? reported
    },
    end() {
      endMs ??= since()
    },
    snapshot() {
      const outputTokens = reported ?? deltas
      // NaN without a token, 0 when they all came at once.
      const seconds = (lastTokenMs - (timeToFirstTokenMs as number)) / 1000
      return {
        timeToHeadersMs,
        timeToFirstEventMs,
        timeToFirstTokenMs,
        longestGapMs,
        durationMs: endMs ?? since(),
        bytes,
        events,
        outputTokens,
        tokensPerSecond: seconds > 0 ? outputTokens / seconds : undefined,
        estimated: reported === undefined,
      }
    },
  }
}
