import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject, asText } from './json.ts'
import type { Json } from './json.ts'

function open(write: DeltaWriter): DialectReader {
  function readCall(call: Json): void {
    const { id: own, name, arguments: input } = asObject(call['function'])
    const id = asText(call['id'] ?? own)
    // Each call comes whole. Most have no id, and their index is no key: it may begin anew in the next record.
    const key = id || {}
    write.tool(key, id, name)
    write.toolInput(key, input)
    write.toolEnd(key, typeof input === 'string' ? undefined : (input ?? undefined))
  }

  function writeImage(image: unknown): void {
    if (asText(image)) write.file(`data:image/png;base64,${asText(image)}`, 'image/png')
  }

  return {
    read(record) {
      const { message, model, response, image, done, done_reason: reason, error } = record
      // A chat's words are in a message of their own, a generation's in the record itself.
      const {
        content,
        images,
        tool_calls: calls,
        thinking,
        reasoning_content: reasoning,
      } = asObject(message ?? record)
      if (error) return write.fail(record)
      write.start(undefined, model)
      write.text('reasoning', thinking || reasoning)
      write.text('text', message ? content : response)
      for (const each of Array.isArray(images) ? images : [image]) writeImage(each)
      for (const call of asList(calls)) readCall(call)
      if (done !== true) return
      const { prompt_eval_count: input, eval_count: output } = record
      const counts = Object.entries(record).filter(([name]) => /_(count|duration)$/.test(name))
      if (counts.length > 0) {
        write.usage({
          inputTokens: input,
          outputTokens: output,
          raw: Object.fromEntries(counts),
        })
      }
      // Versions of early 2024 give no reason.
      write.finish(asText(reason) || 'stop')
      write.end()
    },
  }
}

/**
 * Ollama's own API: the lines of JSON of `/api/chat` and `/api/generate`. Its usage has no object on the wire; `raw`
 * is the counts and the durations, in nanoseconds.
 *
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export const ollama: Dialect = { name: 'ollama', detect: isOf('ollama'), open }
