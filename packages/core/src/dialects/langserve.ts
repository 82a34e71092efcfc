import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject } from './json.ts'
import type { Json } from './json.ts'
import { createLangchainReader, isFromModel } from './langchain.ts'

function open(write: DeltaWriter): DialectReader {
  const reader = createLangchainReader(write)

  /** What a runnable gives: words, a model's message, or an object that has one of them somewhere. */
  function readOutput(value: unknown, depth = 0): void {
    if (typeof value === 'string') return write.text('text', value)
    if (isFromModel(value)) return reader.chunk(value)
    // Deeper than this nobody nests, but for harm.
    if (depth > 8) return
    const record = asObject(value)
    const { output, answer, content, text, result, messages } = record
    const words = output ?? answer ?? content ?? text ?? result
    if (words !== undefined && words !== null) readOutput(words, depth + 1)
    else if (messages) reader.list(messages)
    // The nodes of a graph.
    else
      for (const each of Object.values(record))
        if (asObject(each)['messages']) reader.list(asObject(each)['messages'])
  }

  function readRecord(record: Json): void {
    const { event, ops } = record
    if (typeof event === 'string') return reader.event(record)
    // Of a log what the runnable gave is told last.
    if (!Array.isArray(ops)) return readOutput(record)
    for (const { path, value } of asList(ops)) if (path === '/streamed_output/-') readOutput(value)
  }

  return {
    read(record, { type }) {
      if (type === 'error') write.fail({ message: record['message'], code: record['status_code'] })
      else if (type === 'end') write.end()
      else if (type !== 'metadata') readRecord(record)
    },
    readText(text, { type }) {
      if (type === 'error') write.fail(text)
      else if (type === 'end') write.end()
      else write.text('text', text)
    },
    end: () => reader.end(),
  }
}

/**
 * LangServe's `/stream`, `/stream_events` and `/stream_log`: words, a model's messages, or objects with an `output`, an
 * `answer`, a `content`, a `text`, a `result` or `messages`. Its last event, `end`, has no data and so is none: the
 * body's end is the answer's.
 *
 * @see https://github.com/langchain-ai/langserve#endpoints
 */
export const langserve: Dialect = { name: 'langserve', detect: isOf('langserve'), endsAtClose: true, open }
