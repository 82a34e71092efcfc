import { StreamError } from '../errors.ts'
import type { DeltaWriter } from '../types.ts'
import { asList, asNumber, asObject, asText } from './json.ts'
import type { Json } from './json.ts'

/** What was told of a message. */
interface Told {
  readonly key: string
  /** It was said before, and is no part of the answer. */
  readonly old: boolean
  text: string
  reasoning: string
  refusal: string
  /** What tells it in pieces; others that do so say the same. */
  by: string
  /** How many pieces came of it; none once it came as a whole. */
  chunks: number
  finish: string
  usage: Json | undefined
}

interface Call {
  readonly told: Told
  /** The arguments that were told as text. */
  input: string
  /** The arguments so far where they come parsed, over and over. */
  args: unknown
  isOpen: boolean
}

/** Reads the messages of LangChain, of which LangGraph and LangServe tell the same one in several ways. */
export interface LangchainReader {
  /** What a model just said, and `by` what it is told; `meta` is what LangGraph says of the model. */
  chunk(value: unknown, by?: string, meta?: unknown, id?: unknown): void
  /** A message as far as it is known; what was told of it is not told again. `growing`: more of it will come. */
  whole(value: unknown, growing?: boolean, id?: unknown): void
  /** Messages of a conversation; `old` ones, and those before the user's last one, are no part of the answer. */
  list(value: unknown, old?: boolean): void
  /** A record of `astream_events`. */
  event(record: Json): void
  /** The last model's finish reason is the message's: a graph goes on after those before it. */
  end(): void
}

/** JSON as LangChain's own serialisation has it, too: `{ lc, id: [..., 'AIMessageChunk'], kwargs }`. */
function asMessage(value: unknown): Json {
  const { lc, id, kwargs } = asObject(value)
  return lc && Array.isArray(id) ? { type: id.at(-1), ...asObject(kwargs) } : asObject(value)
}

const isFrom = (message: Json, who: RegExp): boolean => who.test(asText(message['type'] ?? message['role']))
const MODEL = /^(ai|assistant)/i
const USER = /^(human|user)/i
const TOOL = /^tool/i

export const isFromModel = (value: unknown): boolean => isFrom(asMessage(value), MODEL)

/** What LangChain itself begins to add from. */
const NONE: Json = { input_token_details: {}, output_token_details: {} }

/** Counts of the pieces of a message add up, as LangChain itself adds them. */
function addCounts(one: Json, other: Json, deep = true): Json {
  const entries = Object.entries(other).map(([name, value]) => {
    const before = Object.hasOwn(one, name) ? one[name] : undefined
    if (typeof value === 'number') return [name, value + (asNumber(before) ?? 0)]
    return [
      name,
      deep && value && typeof value === 'object'
        ? addCounts(asObject(before), asObject(value), false)
        : value,
    ]
  })
  return { ...one, ...Object.fromEntries(entries) }
}

function toUsage(raw: Json): Parameters<DeltaWriter['usage']>[0] {
  const input = asObject(raw['input_token_details'])
  return {
    inputTokens: raw['input_tokens'],
    outputTokens: raw['output_tokens'],
    totalTokens: raw['total_tokens'],
    cachedInputTokens: input['cache_read'],
    cacheWriteTokens: input['cache_creation'],
    reasoningTokens: asObject(raw['output_token_details'])['reasoning'],
    raw,
  }
}

/** Each integration of LangChain leaves its provider's word for it. */
function finishOf(message: Json): string {
  const said = {
    ...asObject(message['additional_kwargs']),
    ...asObject(message['response_metadata']),
  } as Json
  const { finish_reason, stop_reason, done_reason, finishReason, stopReason, status } = said
  return asText(finish_reason || stop_reason || done_reason || finishReason || stopReason || status)
}

export function createLangchainReader(write: DeltaWriter): LangchainReader {
  const messages = new Map<string, Told>()
  let last: Told | undefined
  const calls = new Map<string, Call>()
  const outputs = new Set<string>()
  const unanswered = new Set<string>()

  function readContent(
    { content, additional_kwargs: more }: Json,
    old: boolean,
  ): Record<'text' | 'reasoning' | 'refusal', string> {
    const said = { text: '', reasoning: '', refusal: '' }
    for (const block of Array.isArray(content) ? content : [content]) {
      if (typeof block === 'string') said.text += block
      const {
        type,
        text,
        thinking,
        reasoning,
        reasoning_content: inner,
        summary,
        refusal,
        annotations,
        citations,
      } = asObject(block)
      said[/reason|think/.test(asText(type)) ? 'reasoning' : 'text'] += asText(text)
      said.reasoning += asText(thinking) + asText(reasoning) + asText(asObject(inner)['text'])
      for (const each of asList(summary)) said.reasoning += asText(each['text'])
      said.refusal += asText(refusal)
      for (const { url, title, cited_text: snippet } of old ? [] : asList(annotations ?? citations)) {
        write.source({ url, title, snippet })
      }
    }
    const { reasoning_content: words, reasoning, refusal } = asObject(more)
    said.reasoning ||= asText(words) || asText(reasoning)
    if (!said.reasoning)
      for (const { text } of asList(asObject(reasoning)['summary'])) said.reasoning += asText(text)
    said.refusal ||= asText(refusal)
    return said
  }

  function readCall({ id, name }: Json, told: Told, place: string): Call {
    const known = asText(id) && `id ${asText(id)}`
    const here = `${told.key} ${place}`
    const before = calls.get(known || here)
    const call = before ?? { told, input: '', args: undefined, isOpen: true }
    calls.set(here, call)
    if (known) calls.set(known, call)
    const toolCallId = write.tool(call, id, name)
    if (!before) unanswered.add(toolCallId)
    return call
  }

  function endCall(call: Call): void {
    const { args } = call
    const isText = typeof args === 'string'
    call.isOpen = false
    // What could not be parsed is text.
    if (isText && !call.input) write.toolInput(call, args)
    write.toolEnd(call, isText ? undefined : args)
  }

  function readCalls(message: Json, told: Told, isWhole: boolean, growing: boolean): void {
    const fragments = asList(message['tool_call_chunks'])
    for (const each of fragments) {
      const call = readCall(each, told, `at ${asText(each['index']) || asNumber(each['index'])}`)
      let words = asText(each['args'])
      if (isWhole) words = words.startsWith(call.input) ? words.slice(call.input.length) : ''
      call.input += words
      write.toolInput(call, words)
    }
    // With fragments these are what could be made of them, until the message is whole.
    if (fragments.length > 0 && (!isWhole || growing)) return
    const invalid = isWhole && !growing ? asList(message['invalid_tool_calls']) : []
    for (const [index, each] of asList(message['tool_calls']).concat(invalid).entries()) {
      const call = readCall(each, told, `whole ${index}`)
      call.args = each['args']
      if (!growing) endCall(call)
    }
  }

  function readTool(message: Json, old: boolean): void {
    const id = asText(message['tool_call_id'])
    const name = asText(message['id']) || id
    if (!id || outputs.has(name)) return
    outputs.add(name)
    if (old) return
    unanswered.delete(id)
    const call = calls.get(`id ${id}`)
    if (call) endCall(call)
    write.toolOutput(id, message['content'], message['status'] === 'error')
  }

  function read(
    message: Json,
    isWhole: boolean,
    by: string,
    old: boolean,
    other?: unknown,
    meta?: unknown,
  ): void {
    const growing = isWhole && by !== ''
    const said = readContent(message, old)
    const { text } = said
    const id = asText(message['id']) || asText(other) || (isWhole ? `\n${text}` : '')
    let told = messages.get(id)
    // Some models have another name for the message once it is whole.
    if (!told && isWhole && text && last?.chunks && text === last.text) told = last
    if (!told) {
      told = { ...said, key: String(messages.size), old, by: '', chunks: 0, finish: '', usage: undefined }
      if (!old) {
        last = Object.assign(told, { text: '', reasoning: '', refusal: '' })
        const { model_name: model, model: name } = asObject(message['response_metadata'])
        write.start(message['id'], asObject(meta)['ls_model_name'] ?? model ?? name)
      }
    }
    messages.set(id, told)
    told.by ||= by
    if (told.old || (by && by !== told.by)) return
    const finish = finishOf(message)
    // Python calls a piece one; JavaScript doesn't, where a message that comes once more says how it ended.
    if (!isWhole && text.startsWith(told.text) && isFrom(message, /^ai$/i)) {
      isWhole = !message['tool_call_chunks'] || (told.chunks > 1 && !!finish && !!text && text === told.text)
    }
    told.chunks = isWhole ? 0 : told.chunks + 1
    for (const kind of ['reasoning', 'text', 'refusal'] as const) {
      let words = said[kind]
      if (isWhole) words = words.startsWith(told[kind]) ? words.slice(told[kind].length) : ''
      told[kind] += words
      write.text(kind, words, told.key)
    }
    readCalls(message, told, isWhole, growing)
    told.finish = finish || told.finish
    const usage = message['usage_metadata']
    if (!usage || typeof usage !== 'object') return
    const counts = asObject(usage)
    if (isWhole && told.usage?.['total_tokens'] === counts['total_tokens']) return
    told.usage = addCounts((!isWhole && told.usage) || NONE, counts)
    if (told === last) write.usage(toUsage(told.usage))
  }

  /** What came whole need not say how it ended; what came in pieces is cut off if it does not. */
  function lastFinish(): string {
    for (const { old, finish, chunks } of [...messages.values()].reverse()) {
      if (!old && (finish || chunks > 0)) return finish
    }
    return ''
  }

  const reader: LangchainReader = {
    chunk(value, by = 'chunks', meta, id) {
      const message = asMessage(value)
      if (isFrom(message, MODEL)) read(message, false, by, false, id, meta)
      else if (isFrom(message, TOOL)) readTool(message, false)
    },
    whole(value, growing = false, id = '') {
      const message = asMessage(value)
      if (isFrom(message, MODEL)) read(message, true, growing ? 'growing' : '', false, id)
      else if (isFrom(message, TOOL)) readTool(message, false)
    },
    list(value, old = false) {
      const all = (Array.isArray(value) ? value : [value]).map(asMessage)
      const question = all.findLastIndex((message) => isFrom(message, USER))
      for (const [index, message] of all.entries()) {
        const isOld = old || index < question
        if (isFrom(message, MODEL)) read(message, true, '', isOld)
        else if (isFrom(message, TOOL)) readTool(message, isOld)
      }
    },
    event(record) {
      const { event, run_id: run, metadata, name } = record
      const { chunk, output } = asObject(record['data'])
      const { message = chunk, text } = asObject(chunk)
      if (event === 'on_chat_model_stream') reader.chunk(message, 'events', metadata, run)
      else if (event === 'on_chat_model_end') {
        const [first] = asList(asObject(output)['generations'])
        reader.whole(asList(first)[0]?.['message'] ?? output, false, run)
      } else if (event === 'on_llm_stream') write.text('text', typeof chunk === 'string' ? chunk : text)
      else if (event === 'on_tool_end' && isFrom(asMessage(output), TOOL)) reader.whole(output)
      else if (event === 'on_custom_event') write.data(asText(name) || 'custom', record['data'])
    },
    end() {
      const finish = lastFinish()
      for (const call of calls.values()) {
        const { told, input } = call
        // The body's end may be a break. No call is run on half of its arguments.
        if (call.isOpen && !told.finish && !input.endsWith('}')) {
          throw new StreamError('incomplete', 'The answer broke off in a tool call.')
        }
        // Of what the token limit cut off, all that could be parsed looks whole.
        if (call.isOpen && !/length|max/i.test(told.finish)) endCall(call)
      }
      // Calls that the graph has answered need nothing of the client.
      const isDone = unanswered.size === 0 && /^(stop|end|complete)/i.test(finish)
      write.finish(finish, isDone ? 'stop' : undefined)
    },
  }
  return reader
}
