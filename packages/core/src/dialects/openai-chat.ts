import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOpenaiChat } from './is-openai-chat.ts'
import { asList, asObject, asText } from './json.ts'
import type { Json } from './json.ts'
import { readOpenaiUsage } from './openai-usage.ts'

/** Search results of every vendor: what they call them differs, what is in them hardly. */
function writeSources(write: DeltaWriter, value: unknown): void {
  for (const each of asList(value)) {
    const { url, title, content, snippet } = asObject(each['url_citation'] ?? each)
    write.source({ url, title, snippet: content ?? snippet })
  }
}

function open(write: DeltaWriter): DialectReader {
  /** Where a fragment belongs: by index and id; by index alone to its last call; by neither to the last of all. */
  const callOf = new Map<unknown, { readonly name: unknown; input: string }>()
  /** OpenRouter's own account of the reasoning, which it wants back. */
  let details: Json[] = []

  function readContent(content: unknown): void {
    if (!Array.isArray(content)) return write.text('text', content)
    // Mistral: `{ type: 'thinking', thinking: [{ text }] }` and `{ type: 'text', text }`.
    for (const { text, thinking } of asList(content)) {
      write.text('text', text)
      write.text('reasoning', thinking)
      for (const thought of asList(thinking)) write.text('reasoning', thought['text'])
    }
  }

  function readReasoning(delta: Json): void {
    // DeepSeek and vLLM say reasoning_content; OpenRouter, Groq and Ollama say reasoning.
    const words = delta['reasoning_content'] || delta['reasoning']
    write.text('reasoning', words)
    for (const detail of asList(delta['reasoning_details'])) {
      const { type, index, text, summary } = detail
      if (!words) write.text('reasoning', text ?? summary)
      const last = details.at(-1)
      if (last && last['type'] === type && last['index'] === index && typeof last['text'] === 'string') {
        Object.assign(last, detail, { text: last['text'] + asText(text) })
      } else details.push({ ...detail })
    }
  }

  /** With the reasoning they belong to, before something else begins. */
  function writeDetails(): void {
    if (details.some(({ signature, data, text, summary }) => signature || data || text || summary)) {
      write.metadata('reasoning', undefined, { openrouter: { reasoning_details: details } })
    }
    details = []
  }

  function readToolCall(fragment: Json): void {
    const { name, arguments: input } = asObject(fragment['function'])
    const id = asText(fragment['id'])
    const index = fragment['index'] ?? undefined
    // Two calls may come under one index (Cerebras) or none (Gemini), the id with the first fragment only (OpenAI).
    const place = id ? `${String(index)} ${id}` : index
    let call = callOf.get(place)
    // Gemini may send several calls under one index and without ids: each has a name, and what was before is whole.
    if (call?.input.endsWith('}') && !id && name && (name !== call.name || /^\s*\{/.test(asText(input)))) {
      call = undefined
    }
    call ??= { name, input: '' }
    call.input += asText(input)
    callOf.set(place, call).set(index, call).set(undefined, call)
    write.tool(call, id, name)
    write.toolInput(call, input)
    // Whose arguments are an object sends them whole.
    if (input && typeof input === 'object') write.toolEnd(call, input)
  }

  /** Groq's tools run there. */
  function readExecutedTool(tool: Json): void {
    const { index, type, arguments: input, output, search_results: found } = tool
    const key = `executed ${String(index)}`
    const toolCallId = write.tool(key, undefined, type, true)
    // They come whole, and again with the output.
    if (!callOf.has(key)) write.toolInput(key, input)
    callOf.set(key, { name: type, input: '' })
    write.toolEnd(key)
    if (output === undefined) return
    write.toolOutput(toolCallId, output)
    writeSources(write, asObject(found)['results'])
  }

  function readDelta(delta: Json): void {
    const { content, refusal, tool_calls: calls, function_call: call } = delta
    readReasoning(delta)
    if (details.length > 0 && (content || refusal || calls)) writeDetails()
    readContent(content)
    write.text('refusal', refusal)
    for (const fragment of asList(calls)) readToolCall(fragment)
    if (call) readToolCall({ function: call })
    for (const tool of asList(delta['executed_tools'])) readExecutedTool(tool)
    writeSources(write, delta['annotations'])
    for (const { image_url: image } of asList(delta['images'])) {
      const url = asText(asObject(image)['url'])
      write.file(url, /^data:([^;,]+)/.exec(url)?.[1] ?? 'image/*')
    }
    write.text('text', asObject(delta['audio'])['transcript'])
  }

  return {
    read(record, event) {
      const { id, model, error, detail, usage, object: kind, type } = record
      // Of several choices the first is the message; they come interleaved.
      const choice = asList(record['choices']).find((each) => !each['index'])
      if (choice) {
        write.start(id, model)
        // A completion that was not streamed has its whole message.
        readDelta(asObject(choice['delta'] ?? choice['message']))
        if (choice['finish_reason']) {
          writeDetails()
          write.finish(choice['finish_reason'], undefined, error && record)
        }
      }
      // Perplexity, with titles and without.
      writeSources(write, record['search_results'])
      if (Array.isArray(record['citations'])) {
        for (const url of record['citations']) write.source({ url })
      }
      const counts = usage ?? asObject(record['x_groq'])['usage']
      if (counts) write.usage(readOpenaiUsage(counts))
      if (error || (detail && !choice) || [kind, type, event.type].includes('error')) write.fail(record)
    },
  }
}

/**
 * OpenAI's Chat Completions stream and the many servers compatible with it.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openaiChat: Dialect = { name: 'openai-chat', detect: isOpenaiChat, open }
