import { StreamError } from './errors.ts'
import type { PartialJson } from './partial-json.ts'
import type { Message, MessageDelta, Part, TextPart, ToolPart } from './types.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Grows a message by deltas. */
export interface MessageBuilder {
  /** Reads arguments while they come; imported with the first call, as most answers have none. */
  createPartialJson: (() => PartialJson) | undefined
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
  /** Where the parts are that are told by a name: tools by their call's id, data by name and id. */
  const places = new Map<string, number>()
  /** Of the tools whose arguments are still coming. */
  const partialInputs = new Map<number, PartialJson>()
  let last: Message | undefined

  function change<T extends Part>(index: number, changes: Partial<T>): void {
    parts[index] = { ...(parts[index] as T), ...changes }
  }

  const builder: MessageBuilder = {
    state: base,
    createPartialJson: undefined,
    apply(delta) {
      last = undefined
      const { type, part: index = -1, ...rest } = delta as MessageDelta & { part?: number }
      const part = parts[index]
      const kind = type.startsWith('tool') ? 'tool' : type.slice(0, -6)
      const fits = type === 'part-metadata' ? part : part ? part.type === kind : index === parts.length
      if (index >= 0 && !fits) throw new StreamError('protocol', `A ${type} cannot go to part ${index}.`)
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
          places.set(`tool ${delta.toolCallId}`, index)
          if (builder.createPartialJson) partialInputs.set(index, builder.createPartialJson())
          parts.push({ ...rest, type: 'tool', state: 'input-streaming', inputText: '' } as ToolPart)
          break
        case 'tool-input-delta':
          partialInputs.get(index)?.push(delta.delta)
          change<ToolPart>(index, { inputText: (part as ToolPart).inputText + delta.delta })
          break
        case 'tool-input-available': {
          partialInputs.delete(index)
          const { partialInput: _, ...whole } = part as ToolPart
          parts[index] = { ...whole, ...rest, state: 'input-available' } as ToolPart
          break
        }
        case 'tool-output': {
          const { toolCallId, ...output } = rest as unknown as { toolCallId: string }
          const place = places.get(`tool ${toolCallId}`)
          // Of a call that is not part of this message there is nothing to show.
          if (place === undefined) break
          const state = delta.isError ? 'output-error' : 'output-available'
          change<ToolPart>(place, { ...output, state })
          break
        }
        case 'source':
        case 'file':
          parts.push({ ...delta })
          break
        case 'data': {
          if (delta.transient) break
          const { transient: _, ...data } = delta
          const name = `data ${delta.name}\n${delta.id}`
          const place = delta.id === undefined ? undefined : places.get(name)
          places.set(name, place ?? parts.length)
          parts[place ?? parts.length] = data
          break
        }
        case 'part-metadata': {
          const providerMetadata: Record<string, Readonly<Record<string, unknown>>> = {
            ...part?.providerMetadata,
          }
          for (const [provider, values] of Object.entries(delta.providerMetadata)) {
            providerMetadata[provider] = { ...providerMetadata[provider], ...values }
          }
          change(index, { providerMetadata })
          break
        }
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
      if (last) return last
      for (const [index, { value }] of partialInputs) {
        const { partialInput } = parts[index] as ToolPart
        if (value !== partialInput) change<ToolPart>(index, { partialInput: value })
      }
      return (last = { ...base, parts: [...parts] })
    },
  }
  return builder
}

/** The text of a message: its text parts, joined. Reasoning, refusals and tools are not part of it. */
export function messageText(message: Message): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
