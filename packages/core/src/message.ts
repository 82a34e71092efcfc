import { StreamError } from './errors.ts'
import type { Message, MessageDelta, Part, TextPart, ToolPart } from './types.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Grows a message by deltas. */
export interface MessageBuilder {
  /** Applies one delta in constant time. */
  apply(delta: MessageDelta): void
  /** Closes the message; a `finishReason` that was seen before stays. */
  close(status: 'done' | 'aborted' | 'error', error?: StreamError): void
  /** The message so far, as a value: unchanged until it is asked for anew after a delta. */
  snapshot(): Message
}

function randomId(): string {
  // crypto.randomUUID is missing on pages served without TLS.
  return `msg_${Math.random().toString(36).slice(2, 12)}${Date.now().toString(36)}`
}

function misplaced(delta: { type: string; part: number }): StreamError {
  return new StreamError('protocol', `A ${delta.type} names part ${delta.part}, which is no part for it.`)
}

/**
 * The pure step from deltas to a message. Between two snapshots parts are changed in place, a snapshot hands
 * them out, and the next delta copies the one part it changes: so a delta costs the same at the end of a long
 * answer as at its start, and no snapshot ever changes.
 */
export function createMessageBuilder(): MessageBuilder {
  let base: Writable<Message> = { id: '', role: 'assistant', parts: [], status: 'streaming' }
  let parts: Part[] = []
  /** The parts that no snapshot holds yet. */
  const own = new Set<number>()
  let last: Message | undefined

  function add(part: Part): void {
    own.add(parts.length)
    parts.push(part)
  }

  function writable<T extends Part>(index: number): Writable<T> {
    if (!own.has(index)) {
      parts[index] = { ...(parts[index] as T) }
      own.add(index)
    }
    return parts[index] as unknown as Writable<T>
  }

  function tool(delta: { type: string; part: number }): Writable<ToolPart> {
    if (parts[delta.part]?.type !== 'tool') throw misplaced(delta)
    return writable<ToolPart>(delta.part)
  }

  function applyText(type: TextPart['type'], delta: { type: string; part: number; delta: string }): void {
    const { part } = delta
    if (part === parts.length) add({ type, text: delta.delta })
    else if (parts[part]?.type !== type) throw misplaced(delta)
    else writable<TextPart>(part).text += delta.delta
  }

  function applyData(delta: MessageDelta & { type: 'data' }): void {
    if (delta.transient) return
    const { name, id, data } = delta
    const known =
      id === undefined ? -1 : parts.findIndex((p) => p.type === 'data' && p.name === name && p.id === id)
    if (known >= 0) writable<Part & { type: 'data' }>(known).data = data
    else add(id === undefined ? { type: 'data', name, data } : { type: 'data', name, id, data })
  }

  function applyOutput(delta: MessageDelta & { type: 'tool-output' }): void {
    const index = parts.findIndex((part) => part.type === 'tool' && part.toolCallId === delta.toolCallId)
    if (index < 0) return
    const part = writable<ToolPart>(index)
    part.state = 'output-available'
    part.output = delta.output
    if (delta.isError) part.isError = true
  }

  return {
    apply(delta) {
      last = undefined
      switch (delta.type) {
        case 'start':
          base.id = delta.id || base.id || randomId()
          if (delta.model) base.model = delta.model
          break
        case 'text-delta':
          return applyText('text', delta)
        case 'reasoning-delta':
          return applyText('reasoning', delta)
        case 'refusal-delta':
          return applyText('refusal', delta)
        case 'tool-input-start': {
          if (delta.part !== parts.length) throw misplaced(delta)
          const { toolCallId, toolName, providerExecuted } = delta
          const part = {
            type: 'tool',
            toolCallId,
            toolName,
            state: 'input-streaming',
            inputText: '',
          } as const
          return add(providerExecuted ? { ...part, providerExecuted } : part)
        }
        case 'tool-input-delta':
          tool(delta).inputText += delta.delta
          break
        case 'tool-input-available': {
          const part = tool(delta)
          part.state = 'input-available'
          part.input = delta.input
          if (delta.invalid) part.invalid = true
          break
        }
        case 'tool-output':
          return applyOutput(delta)
        case 'source':
          return add({ type: 'source', source: delta.source })
        case 'file':
          return add({ type: 'file', url: delta.url, mediaType: delta.mediaType })
        case 'data':
          return applyData(delta)
        case 'usage':
          base.usage = delta.usage
          break
        case 'finish':
          base.finishReason = delta.finishReason
          break
        case 'error':
          base.error = delta.error
      }
    },
    close(status, error) {
      last = undefined
      base.status = status
      if (error) base.error = error
      if (status !== 'done') base.finishReason ??= status
    },
    snapshot() {
      if (!last) {
        last = { ...base, parts: parts.slice() }
        own.clear()
      }
      return last
    },
  }
}

/** The text of a message: its text parts, joined. Reasoning, refusals and tools are not part of it. */
export function messageText(message: Message): string {
  let text = ''
  for (const part of message.parts) if (part.type === 'text') text += part.text
  return text
}
