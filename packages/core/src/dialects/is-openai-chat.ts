import type { ServerSentEvent } from '../types.ts'
import { asObject, asText } from './json.ts'
import type { Json } from './json.ts'

/** Whether a record is one of Chat Completions, or an error: those have the same few shapes everywhere. */
export function isOpenaiChat(record: Json, event: ServerSentEvent): boolean {
  const { choices, object, type, error, detail } = record
  if (Array.isArray(choices)) {
    // Azure's first record has no choices yet, and no name.
    const choice = asObject(choices[0])
    return !!(choice['delta'] ?? choice['message']) || /chat/.test(asText(object))
  }
  if (record['jsonrpc'] || !/^(message|error)$/.test(event.type)) return false
  return !!(error || detail) || [type, object, event.type].includes('error')
}
