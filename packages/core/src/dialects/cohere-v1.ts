import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject, asText } from './json.ts'

function open(write: DeltaWriter): DialectReader {
  return {
    read(record) {
      const { event_type: type, generation_id, text, documents, tool_calls, finish_reason, error } = record
      if (generation_id) write.start(generation_id)
      if (type === 'text-generation') write.text('text', text)
      for (const { id, url, title, snippet } of asList(documents)) {
        write.source({ url, id, title, snippet })
      }
      if (type === 'tool-calls-generation') {
        for (const call of asList(tool_calls)) {
          write.tool(call, undefined, call['name'])
          write.toolEnd(call, call['parameters'] ?? {})
        }
      }
      if (error || type === 'error') return write.fail(record)
      if (type !== 'stream-end') return
      const { meta: raw } = asObject(record['response'])
      const { input_tokens: input, output_tokens: output } = asObject(asObject(raw)['tokens'])
      if (raw) write.usage({ inputTokens: input, outputTokens: output, raw })
      write.finish(asText(finish_reason))
      write.end()
    },
  }
}

/**
 * Cohere's Chat API, version 1: lines of JSON.
 *
 * @see https://docs.cohere.com/v1/docs/streaming
 */
export const cohereV1: Dialect = { name: 'cohere-v1', detect: isOf('cohere-v1'), open }
