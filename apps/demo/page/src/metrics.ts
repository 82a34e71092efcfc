import type { FinishReason, StreamMetrics } from '@rivulet/core'
import type { StreamStatus, StreamStore } from '@rivulet/store'
import { element } from './element.ts'

const STATES: Readonly<Record<StreamStatus, string>> = {
  idle: 'Ready',
  connecting: 'Waiting',
  streaming: 'Streaming',
  reconnecting: 'Reconnecting',
  done: 'Done',
  aborted: 'Stopped',
  error: 'Failed',
}

/** Reasons to finish that leave an answer without its end. */
const CUT_OFF: ReadonlySet<FinishReason | undefined> = new Set(['length', 'content-filter'] as const)

/** The state in a word or two; an answer that the provider has cut off is never “Done”. */
export function describeState(status: StreamStatus, reason: FinishReason | undefined): string {
  return status === 'done' && CUT_OFF.has(reason) ? 'Cut off' : STATES[status]
}

const NONE = '–'

/** Milliseconds for people: `412 ms`, from ten seconds on `12.3 s`, between them `1.24 s`. */
export function formatDuration(ms: number): string {
  const rounded = Math.round(ms)
  if (rounded < 1000) return `${rounded} ms`
  return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`
}

function describe(metrics: StreamMetrics | undefined): { first: string; speed: string; tokens: string } {
  const { timeToFirstTokenMs, tokensPerSecond, outputTokens = 0, estimated } = metrics ?? {}
  // Until the provider has said how many tokens it were, they are counted by pieces.
  const about = estimated ? '≈ ' : ''
  return {
    first: timeToFirstTokenMs === undefined ? NONE : formatDuration(timeToFirstTokenMs),
    speed: tokensPerSecond === undefined ? NONE : about + tokensPerSecond.toFixed(1),
    tokens: outputTokens === 0 ? NONE : about + outputTokens,
  }
}

/** Show the stream's state and figures as they change. */
export function showMetrics(stream: Pick<StreamStore, '$status' | '$message' | '$metrics'>): void {
  const state = element('#state', HTMLElement)
  const first = element('#first-token', HTMLElement)
  const speed = element('#speed', HTMLElement)
  const tokens = element('#tokens', HTMLElement)

  stream.$status.subscribe((status) => {
    state.textContent = describeState(status, stream.$message.get()?.finishReason)
  })
  stream.$metrics.subscribe((metrics) => {
    const words = describe(metrics)
    first.textContent = words.first
    speed.textContent = words.speed
    tokens.textContent = words.tokens
  })
}
