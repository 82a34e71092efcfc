import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { asList, asObject, asText, sum } from './json.ts'
import type { Json } from './json.ts'

/** `$.a.b[0]['c d']`: names, places and quoted names. */
const STEPS = /\[(\d+)\]|\['([^']*)'\]|([^.[\]$]+)/g

/** Writes values, each with its path and in the order of the document, as the JSON text that they are. */
function createJsonWriter(): { write(arg: Json): string; end(): string } {
  let path: readonly (string | number)[] = []
  let quote = ''

  function close(depth: number): string {
    const ends = path.slice(depth).map((step) => (typeof step === 'number' ? ']' : '}'))
    return quote + ends.reverse().join('')
  }

  return {
    write(arg) {
      const { jsonPath, stringValue, numberValue, boolValue, willContinue } = arg
      const steps = [...asText(jsonPath).matchAll(STEPS)].map(([, place, quoted, name]) =>
        place ? +place : (quoted ?? name ?? ''),
      )
      const words = JSON.stringify(asText(stringValue)).slice(1, -1)
      let text = ''
      if (quote && steps.join() === path.join()) text = words
      else if (steps[0] !== undefined) {
        const fork = steps.findIndex((step, at) => step !== path[at])
        const depth = fork < 0 ? steps.length - 1 : fork
        text = close(depth + 1) + (path[0] === undefined ? '' : ',')
        steps.slice(depth).forEach((step, at) => {
          const isPlace = typeof step === 'number'
          if (at || !path.length) text += isPlace ? '[' : '{'
          if (!isPlace) text += `${JSON.stringify(step)}:`
        })
        path = steps
        quote = typeof stringValue === 'string' ? '"' : ''
        text += quote ? quote + words : JSON.stringify(numberValue ?? boolValue ?? null)
      }
      if (!willContinue) {
        text += quote
        quote = ''
      }
      return text
    },
    end: () => close(0),
  }
}

function open(write: DeltaWriter): DialectReader {
  let calls = 0
  /** The arguments that come in pieces. */
  let args: ReturnType<typeof createJsonWriter> | undefined
  let codeId = ''

  function closeCall(): void {
    if (!args) return
    write.toolInput(calls, args.end())
    write.toolEnd(calls)
    args = undefined
  }

  function readCall(call: Json): void {
    const { name, id, args: input, partialArgs, willContinue } = call
    if (name) {
      closeCall()
      write.tool(++calls, id, name)
      if (willContinue || partialArgs) args = createJsonWriter()
      else write.toolEnd(calls, input ?? {})
    }
    for (const arg of asList(partialArgs)) write.toolInput(calls, args?.write(arg))
    if (!willContinue) closeCall()
  }

  function readPart(part: Json): void {
    const { text, thought, functionCall, executableCode, codeExecutionResult, thoughtSignature } = part
    const { data, mimeType } = asObject(part['inlineData'])
    const file = asObject(part['fileData'])
    let kind: 'text' | 'reasoning' | 'tool' = thought ? 'reasoning' : 'text'
    if (typeof text === 'string') write.text(thought ? 'reasoning' : 'text', text)
    else if (functionCall) {
      kind = 'tool'
      readCall(asObject(functionCall))
    } else if (executableCode) {
      kind = 'tool'
      const { id, language, code } = asObject(executableCode)
      codeId = write.tool(++calls, id, 'code_execution', true)
      write.toolEnd(calls, { language, code })
    } else if (codeExecutionResult) {
      const { id: _, ...result } = asObject(codeExecutionResult)
      write.toolOutput(codeId, result, result['outcome'] !== 'OUTCOME_OK')
    } else if (data) write.file(`data:${asText(mimeType)};base64,${asText(data)}`, mimeType)
    else write.file(file['fileUri'], file['mimeType'])
    if (!thoughtSignature) return
    const key = kind === 'tool' ? calls : undefined
    write.metadata(kind, key, { google: { thoughtSignature } })
  }

  function readSources(candidate: Json): void {
    const grounding = asObject(candidate['groundingMetadata'])
    const { citationSources, citations } = asObject(candidate['citationMetadata'])
    const { urlMetadata } = asObject(candidate['urlContextMetadata'])
    for (const list of [grounding['groundingChunks'], citations ?? citationSources, urlMetadata]) {
      for (const each of asList(list)) {
        const { uri, retrievedUrl, title, text } = asObject(
          each['web'] ?? each['retrievedContext'] ?? each['maps'] ?? each,
        )
        write.source({ url: uri ?? retrievedUrl, title, snippet: text })
      }
    }
    // Google wants its search suggestions shown, which are in here.
    if (grounding['searchEntryPoint']) write.data('grounding', grounding, 'grounding')
  }

  function readUsage(raw: Json): void {
    const { promptTokenCount: prompt, totalTokenCount: total, thoughtsTokenCount: thoughts } = raw
    if (prompt === undefined && total === undefined) return
    write.usage({
      // What tools gave the model to read is counted apart, as its thoughts are.
      inputTokens: sum(prompt, raw['toolUsePromptTokenCount']),
      outputTokens: sum(raw['candidatesTokenCount'] ?? raw['responseTokenCount'], thoughts),
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
        closeCall()
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
export const gemini: Dialect = { name: 'gemini', open }
