import { asText } from './dialects/json.ts'
import { providerError } from './error-record.ts'
import type { DeltaWriter, FinishReason, MessageDelta, TextPart, Usage } from './types.ts'

/** A writer, and what was written. */
export interface OpenDeltaWriter extends DeltaWriter {
  /** The dialect has said that nothing follows. */
  readonly ended: boolean
  /** The deltas since the last call. */
  take(): MessageDelta[]
  /** Ends the calls that are still open. */
  closeTools(): void
}

interface Call {
  readonly part: number
  readonly toolCallId: string
  readonly providerExecuted: boolean | undefined
  input: string
  open: boolean
}

/**
 * The providers' words, in any case and with any separator, in the order in which they are asked:
 * MALFORMED_FUNCTION_CALL is no tool call.
 */
const REASONS: readonly (readonly [FinishReason, RegExp])[] = [
  ['error', /error(?!_tox)|malformed|fail|unexpected|too_many|missing/],
  ['length', /length|max|context_window|incomplete/],
  ['content-filter', /filter|safety|refus|recitation|block|prohibit|spii|tox/],
  ['tool-calls', /tool|function_call/],
  ['aborted', /abort|cancel/],
  ['stop', /^(stop|end|complete|finish(?!_r)|eos|success)/],
]

/** Gemini and others say "stop" for tool calls, too. */
function toFinishReason(raw: string, calls: boolean): FinishReason {
  const word = raw.toLowerCase().replaceAll('-', '_')
  const reason = REASONS.find(([, words]) => words.test(word))?.[0] ?? 'other'
  return calls && reason === 'stop' ? 'tool-calls' : reason
}

/** Nothing for what is nested too deeply. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}

/** Makes the deltas of one message. */
export function createDeltaWriter(dialect: string): OpenDeltaWriter {
  let out: MessageDelta[] = []
  let started = false
  let finished: FinishReason | undefined
  let failed = false
  let ended = false
  /** How many parts there are, and which one text without a key grows. */
  let parts = 0
  let lastType = ''
  let lastPart = 0
  const textParts = new Map<unknown, number>()
  const calls = new Map<unknown, Call>()
  const answered = new Set<string>()
  const told = new Map<string, number>()

  function write(delta: MessageDelta): void {
    if (!started) writer.start()
    out.push(delta)
  }

  /** The part of a kind and key; a new one has no place before its first delta. */
  function partOf(type: TextPart['type'], key: unknown): number {
    const name = typeof key === 'object' ? key : `${type} ${String(key)}`
    let part = key === undefined ? (lastType === type ? lastPart : undefined) : textParts.get(name)
    if (part === undefined) {
      part = parts++
      if (key !== undefined) textParts.set(name, part)
    }
    lastType = type
    lastPart = part
    return part
  }

  /** Only calls that the model ended itself are ready to run without arguments: of one that was cut, none is not `{}`. */
  function closeCall(call: Call, whole: boolean, input?: unknown): void {
    if (!call.open) return
    call.open = false
    let invalid: true | undefined
    if (input === undefined) {
      try {
        input = JSON.parse(call.input || (whole ? '{}' : ''))
      } catch {
        input = call.input
        invalid = true
      }
    } else if (!call.input) {
      // What came as a whole is shown as one that came in one piece.
      const delta = typeof input === 'string' ? input : toJson(input)
      write({ type: 'tool-input-delta', part: call.part, delta })
    }
    write({ type: 'tool-input-available', part: call.part, input, invalid })
  }

  function closeCalls(whole: boolean): void {
    for (const call of calls.values()) closeCall(call, whole)
  }

  const writer: OpenDeltaWriter = {
    get ended() {
      return ended
    },
    take() {
      const taken = out
      out = []
      return taken
    },
    start(id, model) {
      if (started) return
      started = true
      out.push({ type: 'start', id: asText(id), model: asText(model), dialect })
    },
    text(type, delta, key) {
      if (typeof delta === 'string' && delta) write({ type: `${type}-delta`, part: partOf(type, key), delta })
    },
    tool(key, id, name, providerExecuted) {
      const known = calls.get(key)
      if (known) return known.toolCallId
      lastType = ''
      const part = parts++
      const toolCallId = asText(id) || `call_${crypto.getRandomValues(new Uint32Array(2)).join('_')}`
      calls.set(key, { part, toolCallId, providerExecuted, input: '', open: true })
      write({ type: 'tool-input-start', part, toolCallId, toolName: asText(name), providerExecuted })
      return toolCallId
    },
    toolInput(key, delta) {
      const call = calls.get(key)
      if (!call?.open || typeof delta !== 'string' || !delta) return
      call.input += delta
      write({ type: 'tool-input-delta', part: call.part, delta })
    },
    toolEnd(key, input) {
      const call = calls.get(key)
      if (call) closeCall(call, true, input)
    },
    toolOutput(toolCallId, output, isError) {
      answered.add(toolCallId)
      write({ type: 'tool-output', toolCallId, output, isError })
    },
    source(source) {
      const { url, id } = source
      const name = `${asText(url)} ${asText(id)}`
      if (name === ' ' || told.has(name)) return
      told.set(name, parts++)
      const said = Object.entries(source).filter(([, value]) => asText(value))
      write({ type: 'source', source: Object.fromEntries(said) })
    },
    file(url, mediaType, filename) {
      if (!asText(url)) return
      parts++
      lastType = ''
      write({
        type: 'file',
        url: asText(url),
        mediaType: asText(mediaType),
        ...(asText(filename) && { filename: asText(filename) }),
      })
    },
    data(name, data, id, transient) {
      // A later one of the same name and id has its place.
      const place = `\n${name}\n${id}`
      if (!transient && (id === undefined || !told.has(place))) told.set(place, parts++)
      write({ type: 'data', name, id, data, transient })
    },
    metadata(type, key, providerMetadata) {
      if (type === 'tool') {
        const part = calls.get(key)?.part
        if (part !== undefined) write({ type: 'part-metadata', part, providerMetadata })
        return
      }
      const before = parts
      const part = partOf(type, key)
      if (part === before) write({ type: `${type}-delta`, part, delta: '' })
      write({ type: 'part-metadata', part, providerMetadata })
    },
    usage({ raw, ...counts }) {
      const numbers = Object.entries(counts).filter(([, count]) => typeof count === 'number')
      const usage: Usage = { ...Object.fromEntries(numbers), raw }
      const { inputTokens = NaN, outputTokens = NaN, totalTokens = inputTokens + outputTokens } = usage
      write({ type: 'usage', usage: { ...usage, ...(totalTokens >= 0 && { totalTokens }) } })
    },
    finish(word, reason, cause) {
      const raw = asText(word)
      if (!(raw || reason)) return
      const own = [...calls.values()].some((call) => !call.providerExecuted && !answered.has(call.toolCallId))
      const finishReason = reason ?? toFinishReason(raw, own)
      if (finishReason === finished) return
      finished = finishReason
      closeCalls(/stop|calls/.test(finishReason))
      write({ type: 'finish', finishReason, rawFinishReason: raw || undefined })
      if (finishReason === 'error') {
        const message = raw === 'error' ? undefined : `The model stopped: ${raw}.`
        writer.fail(cause ?? { message, code: raw })
      }
    },
    fail(cause) {
      if (failed) return
      failed = true
      write({ type: 'error', error: providerError(cause) })
    },
    end() {
      ended = true
    },
    closeTools() {
      closeCalls(false)
    },
  }
  return writer
}
