import { StreamError } from './errors.ts'
import type { Message, MessageDelta, Part, TextPart, ToolPart } from './types.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Grows a message by deltas. */
export interface MessageBuilder {
  /** What the message is apart from its parts, as it stands now. */
  readonly state: Readonly<Message>
  /** Applies one delta in constant time. */
  apply(delta: MessageDelta): void
  /** Closes the message; a `finishReason` that was seen before stays. */
  close(status: 'done' | 'aborted' | 'error', error?: StreamError): void
  /** The message so far, as a value: unchanged until it is asked for anew after a delta. */
  snapshot(): Message
}

function randomId(): string {
  // crypto.randomUUID is missing on pages served without TLS.
  return `msg_${crypto.getRandomValues(new Uint32Array(4)).join('')}`
}

/**
 * The pure step from deltas to a message. A delta replaces the one part that it changes and no other, so it costs
 * the same at the end of a long answer as at its start, and no message that was given out ever changes.
 */
export function createMessageBuilder(): MessageBuilder {
  const base: Writable<Message> = { id: '', role: 'assistant', parts: [], status: 'streaming' }
  const parts: Part[] = []
  let last: Message | undefined

  function change<T extends Part>(index: number, changes: Partial<T>): void {
    parts[index] = { ...(parts[index] as T), ...changes }
  }

  return {
    state: base,
    apply(delta) {
      last = undefined
      const { type, part: index = -1, ...rest } = delta as MessageDelta & { part?: number }
      const part = parts[index]
      const kind = type.startsWith('tool') ? 'tool' : type.slice(0, -6)
      if (index >= 0 && (part ? part.type !== kind : index !== parts.length)) {
        throw new StreamError('protocol', `A ${type} cannot go to part ${index}.`)
      }
      switch (delta.type) {
        case 'start':
          base.id = delta.id || base.id || randomId()
          if (delta.model) base.model = delta.model
          break
        case 'text-delta':
        case 'reasoning-delta':
        case 'refusal-delta':
          if (part) change<TextPart>(index, { text: (part as TextPart).text + delta.delta })
          else parts.push({ type: kind as TextPart['type'], text: delta.delta })
          break
        case 'tool-input-start':
          parts.push({ ...rest, type: 'tool', state: 'input-streaming', inputText: '' } as ToolPart)
          break
        case 'tool-input-delta':
          change<ToolPart>(index, { inputText: (part as ToolPart).inputText + delta.delta })
          break
        case 'tool-input-available':
          change<ToolPart>(index, { ...rest, state: 'input-available' })
          break
        default:
          // Usage, the finish reason and an error stand in the message under their own names.
          Object.assign(base, rest)
      }
    },
    close(status, error) {
      last = undefined
      base.status = status
      if (error) base.error = error
      if (status !== 'done') base.finishReason ??= status
    },
    snapshot() {
      return (last ??= { ...base, parts: [...parts] })
    },
  }
}

/** The text of a message: its text parts, joined. Reasoning, refusals and tools are not part of it. */
export function messageText(message: Message): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
