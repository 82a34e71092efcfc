import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject, asText, sum } from './json.ts'
import type { Json } from './json.ts'

/** One entry a model; TanStack AI has one object, in other words. */
function readUsage(value: unknown): Parameters<DeltaWriter['usage']>[0] {
  const models = asList([value].flat())
  const total = (name: string): number | undefined => sum(...models.map((each) => each[name]))
  return {
    inputTokens: total('inputTokens') ?? total('promptTokens'),
    outputTokens: total('outputTokens') ?? total('completionTokens'),
    totalTokens: total('totalTokens'),
    cachedInputTokens: total('cachedInputTokens'),
    cacheWriteTokens: total('cacheWriteInputTokens'),
    reasoningTokens: total('reasoningTokens'),
    raw: value,
  }
}

/** TanStack AI says here what the protocol has no place for; before it did so in the event itself. */
const extrasOf = (record: Json): Json => ({
  ...asObject(asObject(record['metadata'])['tanstack']),
  ...record,
})

function open(write: DeltaWriter): DialectReader {
  /** Messages by their kind: `false` for those of others than the assistant. */
  const isText = new Map<string, boolean>()
  /** Whom a chunk without an id goes on with, for each kind and subagent. */
  const current = new Map<string, string>()
  const unanswered = new Set<string>()
  let said = false
  let snapshot: Json[] = []
  /** TanStack AI ends each turn of an agent like a run. Whether it goes on shows later. */
  let isTurn = false
  let isWaiting = false

  function idOf(record: Json, kind: string, id: unknown): string {
    const lane = `${kind} ${asText(record['subagentRunId'])}`
    const name = asText(id) || (current.get(lane) ?? current.get(kind) ?? '')
    current.set(lane, name).set(kind, name)
    return name
  }

  function readText(record: Json): void {
    const id = idOf(record, 'text', record['messageId'])
    const role = asText(record['role'])
    if (role || !isText.has(id)) isText.set(id, !role || role === 'assistant')
    if (!isText.get(id)) return
    if (record['delta']) said = true
    write.text('text', record['delta'], id)
  }

  function readCall(event: string, record: Json): void {
    const { toolCallName, toolName, delta, result, content, input, state } = extrasOf(record)
    const id = idOf(record, 'tool', record['toolCallId'])
    if (event === 'START' || (event === 'CHUNK' && toolCallName)) {
      write.tool(id, id, toolCallName ?? toolName)
      unanswered.add(id)
      said = true
    }
    if (event === 'END' || event === 'RESULT') write.toolEnd(id, input)
    else write.toolInput(id, delta)
    const output = event === 'RESULT' ? content : result
    if ((output ?? undefined) === undefined) return
    unanswered.delete(id)
    write.toolOutput(id, output, state === 'output-error')
  }

  /** An agent that streamed nothing has said it all in its last snapshot. */
  function readSnapshot(): void {
    const before = snapshot.findLastIndex(({ role }) => role !== 'assistant' && role !== 'reasoning')
    for (const { id, role, content, toolCalls } of snapshot.slice(before + 1)) {
      write.text(role === 'assistant' ? 'text' : 'reasoning', content, id)
      for (const { id: toolCallId, function: called } of asList(toolCalls)) {
        const { name, arguments: delta } = asObject(called)
        readCall('CHUNK', { toolCallId, toolCallName: name, delta })
        readCall('END', { toolCallId })
      }
    }
  }

  function finish(raw: string): void {
    // Calls that the agent has answered itself need nothing of the client.
    write.finish(raw, /^(stop|finished)$/.test(raw) && unanswered.size === 0 ? 'stop' : undefined)
  }

  function finishRun(record: Json): void {
    const { outcome, interrupt, result, finishReason } = extrasOf(record)
    const kind = asText(asObject(outcome)['type'] ?? outcome)
    if ((result ?? undefined) !== undefined) write.data('result', result, 'result')
    isTurn = finishReason === 'tool_calls' && kind !== 'interrupt' && !isWaiting
    if (isTurn) return
    if (!said) readSnapshot()
    if (kind === 'interrupt') write.data(kind, asObject(outcome)['interrupts'] ?? interrupt, kind)
    if (kind === 'cancelled') write.finish(kind, 'aborted')
    else finish(asText(finishReason) || 'finished')
  }

  function readData(type: string, record: Json): void {
    const { type: _, rawEvent: __, ...rest } = record
    const field = { STATE_SNAPSHOT: 'snapshot', STATE_DELTA: 'delta', MESSAGES_SNAPSHOT: 'messages' }[type]
    const data = field ? record[field] : rest
    if (type === 'MESSAGES_SNAPSHOT') snapshot = asList(data)
    const id = type.endsWith('SNAPSHOT') ? asText(record['messageId']) || type : undefined
    write.data(type, data, id, /^(RAW|STEP)/.test(type) || undefined)
    isWaiting ||= /^(tool-input-available|approval-requested)$/.test(asText(record['name']))
    // Its client is to run a tool, or to ask whether one may be run.
    if (isWaiting && isTurn) finish('tool_calls')
  }

  return {
    read(record) {
      const type = asText(record['type'])
      if (/^RUN_(FINISHED|ERROR)$/.test(type) && record['usage']) write.usage(readUsage(record['usage']))
      const call = type.split('TOOL_CALL_')[1]
      if (/^TEXT_MESSAGE_(START|CONTENT|CHUNK)$/.test(type)) readText(record)
      else if (call) readCall(call, record)
      else if (/^(REASONING_MESSAGE|THINKING_TEXT_MESSAGE)_(CONTENT|CHUNK)$/.test(type)) {
        said = true
        write.text('reasoning', record['delta'], idOf(record, 'reasoning', record['messageId']) || undefined)
      } else if (type === 'RUN_STARTED') {
        isTurn = isWaiting = false
        write.start(record['runId'], extrasOf(record)['model'])
      } else if (type === 'RUN_FINISHED') finishRun(record)
      else if (type === 'RUN_ERROR') {
        const { message, code } = { ...asObject(record['error']), ...record } as Json
        write.fail({ message, code })
      } else if (/^(?!TEXT|REASONING_(START|END|M)|THINKING)[A-Z_]+$/.test(type)) readData(type, record)
    },
  }
}

/**
 * AG-UI 1.0 and before, as CopilotKit, Pydantic AI, ADK and TanStack AI speak it. What is no message comes as data under
 * the event's type, a snapshot in the place of the one before; patches are not applied. `RAW` and steps are transient.
 * What an agent waits for is data named `interrupt`, and what it gave `result`.
 *
 * @see https://docs.ag-ui.com/concepts/events
 */
export const agUi: Dialect = { name: 'ag-ui', detect: isOf('ag-ui'), open }
