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

const TOKENS: ReadonlySet<MessageDelta['type']> = new Set([
  'text-delta',
  'reasoning-delta',
  'refusal-delta',
  'tool-input-delta',
])

export function createMetricsRecorder(now: () => number = () => performance.now()): MetricsRecorder {
  const startedAt = now()
  let headersAt: number | undefined
  let firstEventAt: number | undefined
  let firstTokenAt: number | undefined
  let lastTokenAt = startedAt
  let lastChunkAt: number | undefined
  let endedAt: number | undefined
  let longestGapMs = 0
  let bytes = 0
  let events = 0
  let tokens = 0
  let reported: number | undefined

  return {
    headers() {
      headersAt ??= now()
    },
    chunk(length) {
      const at = now()
      if (lastChunkAt !== undefined) longestGapMs = Math.max(longestGapMs, at - lastChunkAt)
      lastChunkAt = at
      bytes += length
    },
    event() {
      events++
      firstEventAt ??= lastChunkAt
    },
    delta(delta) {
      if (TOKENS.has(delta.type)) {
        tokens++
        // A token is as old as the chunk that brought it, however late the consumer takes it.
        lastTokenAt = lastChunkAt ?? now()
        firstTokenAt ??= lastTokenAt
      } else if (delta.type === 'usage') {
        reported = delta.usage.outputTokens ?? reported
      }
    },
    end() {
      endedAt ??= now()
    },
    snapshot() {
      const outputTokens = reported ?? tokens
      const seconds = firstTokenAt === undefined ? 0 : (lastTokenAt - firstTokenAt) / 1000
      return {
        ...(headersAt !== undefined && { timeToHeadersMs: headersAt - startedAt }),
        ...(firstEventAt !== undefined && { timeToFirstEventMs: firstEventAt - startedAt }),
        ...(firstTokenAt !== undefined && { timeToFirstTokenMs: firstTokenAt - startedAt }),
        ...(seconds > 0 && outputTokens > 0 && { tokensPerSecond: outputTokens / seconds }),
        longestGapMs,
        durationMs: (endedAt ?? now()) - startedAt,
        bytes,
        events,
        outputTokens,
        estimated: reported === undefined,
      }
    },
  }
}
