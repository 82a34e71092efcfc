import { createDeltaWriter } from '../src/delta-writer.ts'
import { createMessageBuilder } from '../src/message.ts'
import type { Dialect, Message, MessageDelta, ServerSentEvent } from '../src/types.ts'

export const EVENT: ServerSentEvent = { type: 'message', data: '', lastEventId: '' }

export interface ReadRecords {
  readonly deltas: MessageDelta[]
  readonly message: Message
  /** The dialect has said that nothing follows. */
  readonly ended: boolean
}

/** What a dialect makes of these records; with `closes`, as at the end of a stream. */
export function readRecords(dialect: Dialect, records: readonly unknown[], closes = false): ReadRecords {
  const writer = createDeltaWriter(dialect.name)
  const reader = dialect.open(writer)
  for (const record of records) reader.read(record as Record<string, unknown>, EVENT)
  if (closes) writer.closeTools()
  const deltas = writer.take()
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { deltas, message: builder.snapshot(), ended: writer.ended }
}
