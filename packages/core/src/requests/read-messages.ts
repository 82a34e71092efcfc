import { asObject, asText } from '../dialects/json.ts'
import type { Json } from '../dialects/json.ts'
import type { FilePart, Message, ProviderMetadata, TextPart, ToolPart } from '../types.ts'
import { readFile } from './read-file.ts'
import type { RequestMessage } from './types.ts'

/** A call of a tool, with what the tool gave. */
export interface Call {
  readonly type: 'call'
  readonly id: string
  readonly name: string
  /** The APIs take nothing but objects: what is none stands under `input`. */
  readonly input: Json
  readonly part: ToolPart
  /** The provider ran it; its result, if there is one, belongs to its own answer. */
  readonly isServerRun: boolean
  readonly output: unknown
  readonly isError: boolean
}

/** What a user says. */
interface UserTurn {
  readonly role: 'user'
  readonly parts: (TextPart | FilePart)[]
}

/** One answer of the model: it ends with its calls, as their results come before what it says next. */
export interface Step {
  readonly role: 'assistant'
  readonly parts: (TextPart | FilePart | Call)[]
  /** Those among the parts that the caller ran. */
  readonly calls: Call[]
  /** The provider has paused and goes on with its own calls. */
  readonly isPaused: boolean
}

interface SystemTurn {
  readonly role: 'system'
  text: string
}

/** A conversation as the APIs see it. No text is blank but that of parts with metadata. */
export type Turn = SystemTurn | UserTurn | Step

/** What a provider said of a part, to itself. */
export const metadataOf = (
  part: { providerMetadata?: ProviderMetadata | undefined },
  provider: string,
): Json => asObject(part.providerMetadata?.[provider])

function readCall(part: ToolPart): Call | undefined {
  const { toolName: name, state, input } = part
  const isAnswered = part.output !== undefined || asText(state).startsWith('output')
  // Of a call that broke off there is nothing to answer.
  if (!asText(name) || (state === 'input-streaming' && !isAnswered)) return undefined
  const isObject = typeof input === 'object' && input && !Array.isArray(input)
  const isError = !isAnswered || !!part.isError || state === 'output-error'
  const words = isAnswered
    ? 'The tool failed.'
    : `${part.invalid ? 'The arguments are not JSON. ' : ''}The tool was not run.`
  return {
    type: 'call',
    id: asText(part.toolCallId) || 'call',
    name,
    input: isObject ? (input as Json) : input === undefined ? {} : { input },
    part,
    isServerRun: !!part.providerExecuted,
    output: isError ? (part.output ?? words) : part.output,
    isError,
  }
}

/** A text file goes in as text, as most APIs take it no other way. */
function readTextFile(part: FilePart): string | undefined {
  const { mediaType, data } = readFile(part)
  if (data === undefined || !/^(text\/|application\/json)/.test(mediaType)) return undefined
  let binary: string
  try {
    binary = atob(data)
  } catch (cause) {
    throw new TypeError(`What is in the data: URL of ${part.filename ?? 'a text file'} is not base64.`, {
      cause,
    })
  }
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
  return (part.filename ? `${part.filename}:\n\n` : '') + new TextDecoder().decode(bytes)
}

function partsOf(message: RequestMessage, index: number): Message['parts'] {
  const { role, content, parts } = asObject(message) as { role: unknown; content: unknown; parts: unknown }
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw new TypeError(
      `messages[${index}].role is ${JSON.stringify(role)}: it must be "user", "assistant" or "system". ` +
        `What a tool gave is the output of its part in the assistant's message.`,
    )
  }
  if (Array.isArray(parts)) return parts
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  throw new TypeError(`messages[${index}] has neither parts, as a list, nor content, as a string.`)
}

/**
 * Reads a conversation as turns, by what all APIs ask for: texts are not blank, a step of the model ends with its
 * calls, each call has its result, and neither users nor systems speak twice in a row.
 */
export function readMessages(messages: readonly RequestMessage[], system: string | undefined): Turn[] {
  const turns: Turn[] = []

  function addSystem(text: string): void {
    const last = turns.at(-1)
    if (!text.trim()) return
    if (last?.role === 'system') last.text += `\n\n${text}`
    else turns.push({ role: 'system', text })
  }

  function addUser(part: TextPart | FilePart): void {
    const last = turns.at(-1)
    if (last?.role === 'user') last.parts.push(part)
    else turns.push({ role: 'user', parts: [part] })
  }

  addSystem(system ?? '')
  messages.forEach((message, index) => {
    let step: Step | undefined
    for (const part of partsOf(message, index)) {
      const { type } = asObject(part)
      let read: TextPart | FilePart | Call | undefined
      if (type === 'tool') read = readCall(part as ToolPart)
      else if (type === 'file') {
        const file = part as FilePart
        const text = message.role === 'user' ? readTextFile(file) : undefined
        read = text === undefined ? file : { type: 'text', text }
      } else if (type === 'text' || type === 'reasoning' || type === 'refusal') {
        const { text, providerMetadata } = part as TextPart
        // A refusal is what the model said; no API but one has a place of its own for it.
        read = { type: type === 'reasoning' ? type : 'text', text: asText(text), providerMetadata }
        if (!read.text.trim() && (message.role !== 'assistant' || !providerMetadata)) continue
      }
      if (!read) continue
      if (message.role === 'assistant') {
        if (!step || (step.calls.length > 0 && read.type !== 'call')) {
          const isPaused = (message as Partial<Message>).rawFinishReason === 'pause_turn'
          step = { role: 'assistant', parts: [], calls: [], isPaused }
          turns.push(step)
        }
        step.parts.push(read)
        if (read.type === 'call' && !read.isServerRun) step.calls.push(read)
      } else if (read.type === 'call' || read.type === 'reasoning') continue
      else if (message.role === 'user') addUser(read)
      else if (read.type === 'text') addSystem(read.text)
    }
  })
  return turns
}

/** What a tool gave, for APIs that take text and have no word for an error. */
export function resultText({ output, isError }: Call): string {
  if (isError) return JSON.stringify({ error: output })
  // Of a function, for instance, there is no JSON.
  return typeof output === 'string' ? output : (JSON.stringify(output) ?? '')
}

/** The text of all parts of a kind. */
export const textOf = (parts: readonly { type: string }[], type: 'text' | 'reasoning', glue = ''): string =>
  parts.flatMap((part) => (part.type === type ? [(part as TextPart).text] : [])).join(glue)
