import type { DeltaWriter, Dialect, DialectReader, FinishReason } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject, asText, sum } from './json.ts'
import type { Json } from './json.ts'

/** A step of the interaction; in the first beta, a block of its content. */
interface Step {
  /** Of its part; a new one after a file, which stands between two texts. A call's is its id. */
  key: unknown
  type: string
  /** Of a call, or of the one that a result is for. */
  id: string
  name: string
  /** The arguments, if they came whole. */
  input: unknown
  /** They came in pieces. */
  pieces: boolean
}

function toFinishReason(status: string): FinishReason | undefined {
  if (status === 'requires_action') return 'tool-calls'
  // The limit of an agent's tokens, and that of one request's.
  return /^(budget|requires)/.test(status) ? 'length' : undefined
}

function open(write: DeltaWriter): DialectReader {
  let keys = 0
  const steps = new Map<unknown, Step>()
  let status = ''
  let cause: unknown

  /** An annotation, or what a tool has found. */
  function readSource(found: Json): void {
    const { url, document_uri, source, file_name: file, title, name, text, status: state } = found
    // Of a page that could not be fetched.
    if (state && state !== 'success') return
    const address = asText(url || document_uri || source || file)
    write.source({
      [/^https?:/.test(address) ? 'url' : 'id']: address,
      title: asText(title || name || file),
      snippet: asText(text),
    })
  }

  function begin(step: Step): void {
    if (typeof step.key === 'number') step.key = step.id || `${step.key}`
    write.tool(step.key, step.id, step.name, step.type === 'function_call' ? undefined : true)
  }

  function readCall(step: Step, { id, name, arguments: input }: Json): void {
    // In the first beta, id and name come with the only delta.
    step.id ||= asText(id)
    step.name ||= asText(name) || (/^(function|mcp)/.test(step.type) ? '' : step.type.slice(0, -5))
    if (typeof input === 'string') step.pieces = true
    else step.input = input ?? step.input
    if (step.pieces || (step.id && step.name)) begin(step)
    write.toolInput(step.key, input)
  }

  function readResult(step: Step, { call_id: id, result, is_error: isError }: Json): void {
    step.id ||= asText(id)
    if (step.id && result !== undefined) write.toolOutput(step.id, result, isError === true || undefined)
    for (const each of asList(result)) {
      readSource(each)
      for (const place of asList(each['places'])) readSource(place)
    }
  }

  /** A step, what is in one, or what is added to one. */
  function readContent(step: Step, content: Json): void {
    const { text, data, uri, mime_type: mediaType, signature, summary, content: thoughts } = content
    const type = asText(content['type'])
    // What the user said is a step, too.
    if (step.type === 'user_input') return
    const isResult = type.endsWith('_result')
    const isThought = type.startsWith('thought')
    if (isThought) {
      for (const thought of asList([summary, thoughts].flat())) {
        write.text('reasoning', thought['text'], step.key)
      }
    } else if (/_call$|^arguments_delta$/.test(type)) {
      if (type.endsWith('l')) step.type = type
      readCall(step, content)
    } else if (isResult) readResult(step, content)
    else {
      const bytes = asText(data)
      write.text('text', text, step.key)
      for (const annotation of asList(content['annotations'])) readSource(annotation)
      write.file(bytes ? `data:${asText(mediaType)};base64,${bytes}` : uri, mediaType)
      if (bytes || uri) step.key = ++keys
    }
    if (!asText(signature)) return
    write.metadata(isThought ? 'reasoning' : 'tool', isResult ? step.id : step.key, {
      google: { [isResult ? 'resultSignature' : 'signature']: signature },
    })
  }

  function endStep(index: unknown): void {
    const step = steps.get(index)
    steps.delete(index)
    if (!step?.type.endsWith('_call')) return
    begin(step)
    write.toolEnd(step.key, step.pieces ? undefined : step.input)
  }

  function startStep(index: unknown, body: Json = {}): Step {
    endStep(index)
    const { type, content, error } = body
    const step = { key: ++keys, type: asText(type), id: '', name: '', input: undefined, pieces: false }
    steps.set(index, step)
    cause ??= error
    for (const each of type === 'model_output' ? asList(content) : [body]) readContent(step, each)
    return step
  }

  function readUsage(raw: Json): void {
    const { total_output_tokens: output, total_thought_tokens: thoughts } = raw
    write.usage({
      // What tools gave the model to read is counted apart, as its thoughts are.
      inputTokens: sum(raw['total_input_tokens'], raw['total_tool_use_tokens']),
      outputTokens: sum(output, thoughts),
      totalTokens: raw['total_tokens'],
      cachedInputTokens: raw['total_cached_tokens'],
      reasoningTokens: thoughts,
      raw,
    })
  }

  function finish(): void {
    if (/^(|in_progress|queued)$/.test(status)) return
    for (const [index, { input }] of steps) if (input) endStep(index)
    write.finish(status, toFinishReason(status), cause)
  }

  return {
    read(record) {
      const { event_type: type, index, interaction, step, content, delta, error } = record
      const kind = asText(type)
      if (error || kind === 'error') return write.fail(record)
      // One that was not streamed has no event around it.
      const whole = asObject(kind ? interaction : record)
      const ofInteraction = !kind || kind.startsWith('interaction')
      if (ofInteraction) {
        const id = whole['id'] ?? record['interaction_id']
        if (id !== undefined) write.start(id, whole['model'] ?? whole['agent'])
        status = asText(whole['status'] ?? record['status']) || status
        cause = whole['errors'] ?? cause
        // The end repeats the steps, if it has any.
        if (keys === 0)
          asList(whole['steps'] ?? whole['outputs']).forEach((each, place) => {
            startStep(place, each)
            endStep(place)
          })
      } else if (kind.endsWith('.start')) startStep(index, asObject(step ?? content))
      else if (kind.endsWith('.delta')) readContent(steps.get(index) ?? startStep(index), asObject(delta))
      else if (kind.endsWith('.stop')) endStep(index)
      if (whole['usage']) readUsage(asObject(whole['usage']))
      // A relay may send the interactions that continue this one in the same stream.
      const ends = kind ? kind.startsWith('interaction.complete') : whole['status']
      if (ends && status !== 'requires_continuation') finish()
    },
    end: finish,
  }
}

/**
 * Google's Interactions API (beta), in steps, and in blocks of content as its first revision. The message's `id` is
 * the next request's `previous_interaction_id`.
 *
 * @see https://ai.google.dev/gemini-api/docs/interactions/streaming
 */
export const geminiInteractions: Dialect = {
  name: 'gemini-interactions',
  detect: isOf('gemini-interactions'),
  open,
}
