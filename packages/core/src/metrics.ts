import type { MessageDelta, StreamMetrics } from './types.ts'

/** Takes the times of one stream. */
export interface MetricsRecorder {
  /** What is known so far. The loop counts its attempts here. */
  readonly figures: { -readonly [K in keyof StreamMetrics]: StreamMetrics[K] }
  /** When the newest chunk came. Events and tokens are as old as it, however late the consumer takes them. */
  readonly chunkMs: number
  /** The headers of a good answer are in. */
  headers(resumed: boolean): void
  /** A chunk is in, and completed so many events. */
  chunk(bytes: number, events: number): void
  end(): void
  snapshot(): StreamMetrics
}

export function createMetricsRecorder(now: () => number = () => performance.now()): MetricsRecorder {
  const startedAt = now()
  const since = (): number => now() - startedAt
  let durationMs: number | undefined
  const recorder = {
    figures: {
      longestGapMs: 0,
      bytes: 0,
      events: 0,
      attempts: 0,
      resumed: false,
      outputTokens: 0,
      estimated: true,
    } as MetricsRecorder['figures'],
    chunkMs: 0,
    headers(resumed: boolean) {
      figures.timeToHeadersMs ??= since()
      figures.resumed ||= resumed
    },
    chunk(bytes: number, events: number) {
      const at = since()
      if (figures.bytes) figures.longestGapMs = Math.max(figures.longestGapMs, at - recorder.chunkMs)
      recorder.chunkMs = at
      figures.bytes += bytes
      figures.events += events
      if (events) figures.timeToFirstEventMs ??= at
    },
    end() {
      durationMs = since()
    },
    snapshot: () => ({ ...figures, durationMs: durationMs ?? since() }),
  }
  const { figures } = recorder
  return recorder
}

/** Counts tokens into the figures of a stream; apart, as streams of other events have none. */
export function createTokenCounter(recorder: MetricsRecorder): (delta: MessageDelta) => void {
  const { figures } = recorder
  let lastTokenMs = 0
  return (delta) => {
    if ('delta' in delta) {
      if (figures.estimated) figures.outputTokens++
      lastTokenMs = recorder.chunkMs
      figures.timeToFirstTokenMs ??= lastTokenMs
    } else if (delta.type === 'usage' && delta.usage.outputTokens !== undefined) {
      figures.outputTokens = delta.usage.outputTokens
      figures.estimated = false
    }
    // NaN without a token, 0 when they all came at once.
    const seconds = (lastTokenMs - (figures.timeToFirstTokenMs as number)) / 1000
    if (seconds > 0) figures.tokensPerSecond = figures.outputTokens / seconds
  }
}
