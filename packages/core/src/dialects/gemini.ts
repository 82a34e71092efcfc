import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject, asText, sum } from './json.ts'
import type { Json } from './json.ts'

/** Of `$.a.b[0]['c d']`: names, places and quoted names. */
const STEPS = /\[(\d+)\]|\[(["'])((?:\\.|(?!\2)[^\\])*)\2\]|([^.[\]]+)/g

function open(write: DeltaWriter): DialectReader {
  let calls = 0
  /** Of arguments that come in pieces: where the last one stands, and the quote that it lacks yet. */
  let path: (string | number)[] | undefined
  let quote = ''
  /** The call of a tool of Google's, if its result has no id. */
  let serverId = ''

  /** Ends what is open below a depth. */
  function close(depth: number): string {
    let ends = ''
    for (const step of path?.slice(depth) ?? []) ends = (typeof step === 'number' ? ']' : '}') + ends
    return quote + ends
  }

  /** Values come each with its path, in the order of the document: as JSON text they can be shown at once. */
  function readArg({ jsonPath, stringValue, numberValue, boolValue, willContinue }: Json): void {
    const steps = [...asText(jsonPath).slice(1).matchAll(STEPS)].map(([, place, , quoted, name]) =>
      place ? +place : (quoted?.replace(/\\(.)/g, '$1') ?? name ?? ''),
    )
    if (!path || !steps.length) return
    const goesOn = quote && steps.join() === path.join()
    const value = JSON.stringify(stringValue ?? numberValue ?? boolValue ?? (goesOn ? '' : null))
    let text = value.slice(1)
    if (!goesOn) {
      const fork = steps.findIndex((step, at) => step !== path?.[at] || at === steps.length - 1)
      let glue = path.length ? ',' : ''
      text = close(fork + 1)
      for (const step of steps.slice(fork)) {
        const isPlace = typeof step === 'number'
        text += (glue || (isPlace ? '[' : '{')) + (isPlace ? '' : `${JSON.stringify(step)}:`)
        glue = ''
      }
      text += value
      path = steps
    }
    quote = willContinue && value.startsWith('"') ? '"' : ''
    write.toolInput(calls, quote ? text.slice(0, -1) : text)
  }

  function closeCall(): void {
    if (!path) return
    write.toolInput(calls, close(0))
    write.toolEnd(calls)
    path = undefined
  }

  function readCall({ name, id, args, partialArgs, willContinue }: Json): void {
    if (name) {
      closeCall()
      write.tool(++calls, id, name)
      quote = ''
      if (willContinue || partialArgs) path = []
      else write.toolEnd(calls, args ?? {})
    }
    for (const arg of asList(partialArgs)) readArg(arg)
    if (!willContinue) closeCall()
  }

  function readPart(part: Json): void {
    const { text, thought, functionCall, executableCode, toolCall, inlineData, fileData, thoughtSignature } =
      part
    const kind = thought ? 'reasoning' : 'text'
    const call = functionCall ?? executableCode ?? toolCall
    const result = part['codeExecutionResult'] ?? part['toolResponse']
    if (typeof text === 'string') write.text(kind, text)
    else if (functionCall) readCall(asObject(functionCall))
    else if (call) {
      const { id, toolType, args, ...code } = asObject(call)
      serverId = write.tool(++calls, id, toolType ?? 'code_execution', true)
      write.toolEnd(calls, args ?? code)
    } else if (result) {
      const { id, response, ...output } = asObject(result)
      const isError = /FAIL|EXC/.test(asText(output['outcome']))
      write.toolOutput(asText(id) || serverId, response ?? output, isError)
    } else if (!thought) {
      // The pictures among thoughts are sketches.
      const { data, mimeType, fileUri } = asObject(inlineData ?? fileData)
      write.file(data ? `data:${asText(mimeType)};base64,${asText(data)}` : fileUri, mimeType)
    }
    if (!thoughtSignature) return
    write.metadata(call ? 'tool' : kind, call && calls, { google: { thoughtSignature } })
  }

  function readSources(candidate: Json): void {
    const grounding = asObject(candidate['groundingMetadata'])
    const { citationMetadata, urlContextMetadata } = candidate
    const groups = [...asList(grounding['groundingChunks']), citationMetadata, urlContextMetadata]
    for (const source of asList(groups.flatMap((group) => Object.values(asObject(group)).flat()))) {
      const { title, text: snippet } = source
      const url = source['uri'] ?? source['sourceUri'] ?? source['retrievedUrl']
      // A file of the caller's has no address.
      write.source({ url, id: url ? '' : title, title, snippet })
    }
    // Google wants its search suggestions shown, which are in here.
    if (grounding['searchEntryPoint']) write.data('grounding', grounding, 'grounding')
  }

  function readUsage(raw: Json): void {
    const { promptTokenCount: prompt, totalTokenCount: total, thoughtsTokenCount: thoughts } = raw
    if (sum(prompt, total) === undefined) return
    write.usage({
      // What tools gave the model to read is counted apart, as its thoughts are.
      inputTokens: sum(prompt, raw['toolUsePromptTokenCount']),
      outputTokens: sum(raw['candidatesTokenCount'], thoughts),
      totalTokens: total,
      cachedInputTokens: raw['cachedContentTokenCount'],
      reasoningTokens: thoughts,
      raw,
    })
  }

  return {
    read(record) {
      const { candidates, promptFeedback, usageMetadata, error } = record
      write.start(record['responseId'], record['modelVersion'])
      // Of several candidates the first is the message.
      const candidate = asList(candidates).find((each) => !each['index']) ?? {}
      for (const part of asList(asObject(candidate['content'])['parts'])) readPart(part)
      readSources(candidate)
      if (usageMetadata) readUsage(asObject(usageMetadata))
      const { finishReason, finishMessage: message } = candidate
      if (finishReason) {
        // What was cut must not look whole.
        if (finishReason === 'STOP') closeCall()
        write.finish(finishReason, undefined, message && { message, code: finishReason })
      }
      const { blockReason, blockReasonMessage } = asObject(promptFeedback)
      if (blockReason) {
        write.text('refusal', blockReasonMessage)
        write.finish(blockReason, 'content-filter')
      }
      if (error) write.fail(record)
    },
  }
}

/**
 * Gemini's and Vertex AI's `streamGenerateContent`, with `alt=sse` and without.
 *
 * @see https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export const gemini: Dialect = { name: 'gemini', detect: isOf('gemini'), open }
