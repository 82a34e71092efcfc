import type { DeltaWriter, Dialect, DialectReader, ProviderMetadata } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asObject, asText } from './json.ts'
import type { Json } from './json.ts'

const METADATA = 'message-metadata'

/** Metadata that is nested deeper is replaced, not merged. */
const MAX_DEPTH = 8

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function merge(base: unknown, changes: unknown, depth = 0): unknown {
  if (!isObject(base) || !isObject(changes) || depth > MAX_DEPTH) return changes
  const merged = { ...base }
  for (const [name, value] of Object.entries(changes)) {
    if (name !== '__proto__')
      merged[name] = merge(Object.hasOwn(base, name) ? base[name] : undefined, value, depth + 1)
  }
  return merged
}

function open(write: DeltaWriter): DialectReader {
  /** A part's id may be used again, in a later step or after a reset: it is another part then. */
  const keyOf = new Map<string, string>()
  let begun = 0
  let resets = 0
  /** Of the step in progress. */
  let stepCalls = new Set<string>()
  let metadata: unknown

  function keyFor(name: string, isNew: boolean): string {
    const known = isNew ? undefined : keyOf.get(name)
    const key = known ?? `${name} ${begun++}`
    keyOf.set(name, key)
    return key
  }

  function writeProviderMetadata(type: 'text' | 'reasoning' | 'tool', key: string, value: unknown): void {
    const entries = Object.entries(asObject(value)).filter(
      ([name, each]) => name !== '__proto__' && isObject(each),
    )
    if (entries.length > 0) write.metadata(type, key, Object.fromEntries(entries) as ProviderMetadata)
  }

  function writeMetadata(value: unknown): void {
    if (value === undefined || value === null) return
    metadata = merge(metadata, value)
    write.data(METADATA, metadata, METADATA)
  }

  function readText(type: 'text' | 'reasoning', step: string, record: Json): void {
    const key = keyFor(`${type} ${asText(record['id'])}`, step === 'start')
    write.text(type, record['delta'], key)
    writeProviderMetadata(type, key, record['providerMetadata'])
    for (const { source, citedText } of asList(record['citations'])) readSource(asObject(source), citedText)
  }

  function readSource({ url, id, sourceId, title, mediaType }: Json, snippet?: unknown): void {
    write.source({
      url: asText(url),
      // A page's id is made up for each time that it is named.
      id: url ? '' : asText(sourceId ?? id),
      title: asText(title),
      snippet: asText(snippet),
      mediaType: asText(mediaType),
    })
  }

  function readTool(event: string, record: Json): void {
    const { toolName, input, inputTextDelta, output, errorText, providerExecuted, providerMetadata } = record
    const id = asText(record['toolCallId'])
    const key = `${resets} ${id}`
    if (event.startsWith('input') && event !== 'input-delta') {
      write.tool(key, id, toolName, providerExecuted === true || undefined)
      stepCalls.add(id)
    }
    if (event === 'input-delta') write.toolInput(key, inputTextDelta)
    else if (event !== 'input-start') write.toolEnd(key, input)
    writeProviderMetadata('tool', key, providerMetadata)
    if (event === 'output-available') write.toolOutput(id, output)
    else if (event === 'output-denied') write.toolOutput(id, 'The call was denied.', true)
    else if (event.endsWith('error')) write.toolOutput(id, asText(errorText), true)
  }

  function resetStep(): void {
    // What was told can't be taken back. What follows are other parts, and no call of before is to be run.
    for (const id of stepCalls) write.toolOutput(id, 'The step was reset.', true)
    stepCalls = new Set()
    keyOf.clear()
    resets++
    write.data('reset-step', null)
  }

  return {
    read(record) {
      const type = asText(record['type'])
      const { type: _, ...rest } = record
      const { id, url, mediaType, filename, data, transient, finishReason, messageMetadata } = record
      const text = /^(text|reasoning)-(start|delta|end)$/.exec(type)
      if (text) readText(text[1] as 'text' | 'reasoning', text[2] as string, record)
      else if (/^tool-(input|output)-/.test(type)) readTool(type.slice(5), record)
      else if (type.startsWith('data-')) {
        write.data(
          type.slice(5),
          data,
          typeof id === 'string' ? id : undefined,
          transient === true || undefined,
        )
      } else if (type.startsWith('source-')) readSource(record)
      else if (type === 'file') write.file(url, mediaType, filename)
      else if (type.startsWith('tool-approval-'))
        write.data(type, rest, asText(record['approvalId']) || undefined)
      else if (/^(custom|reasoning-file|steering-message)$/.test(type)) write.data(type, rest)
      else if (type === 'start-step') stepCalls = new Set()
      else if (type === 'reset-step') resetStep()
      else if (type === 'error') write.fail({ message: record['errorText'], code: record['code'] })
      else if (type === 'abort') write.finish('abort', 'aborted')
      else if (/^(start|finish|message-metadata)$/.test(type)) {
        if (type === 'start') write.start(record['messageId'])
        writeMetadata(messageMetadata)
        // The SDK's first versions say no reason. A stop that is one for calls has another name.
        if (type === 'finish')
          write.finish(asText(finishReason), finishReason === 'stop' ? 'stop' : undefined)
      }
    },
  }
}

/**
 * The UI message stream of Vercel's AI SDK, 5 to 7. The message's metadata is data named `message-metadata`, merged;
 * requests for an approval are data named `tool-approval-request`. After data named `reset-step` what came before it in
 * its step is void.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol#ui-message-stream-protocol
 */
export const aiSdkUi: Dialect = { name: 'ai-sdk-ui', detect: isOf('ai-sdk-ui'), open }
