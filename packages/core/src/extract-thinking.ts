import type { DeltaTransform, MessageDelta } from './types.ts'

/** What {@link extractThinking} takes. */
export interface ExtractThinkingOptions {
  /** The tag's name. Default `think`. */
  readonly tag?: string | undefined
  /** The opening tag was part of the prompt's template, so that the first text begins inside. Default `false`. */
  readonly startsThinking?: boolean | undefined
}

/** What ends a text for now, whatever its last characters might still have become. */
const ENDS = /^(finish|error|tool-input-start|re.*delta)$/

/**
 * Makes reasoning parts of `<think>…</think>`, for models whose servers leave the tags in the text: distills of
 * DeepSeek R1 or Qwen, for instance, in Ollama or in vLLM without a reasoning parser.
 *
 * Only where a text part begins: one block, or several in a row. A tag further on is text, so that an answer may talk
 * of it. White space before and after the tags is dropped, except for that at the end of the reasoning; a block of
 * nothing else makes no part. A block that is not closed is reasoning to its end. Reasoning that the provider tells
 * apart itself passes, and `startsThinking` means nothing once there was some.
 *
 * Sources: {@link https://api-docs.deepseek.com/guides/reasoning_model},
 * {@link https://docs.vllm.ai/en/latest/features/reasoning_outputs.html}.
 *
 * @example
 * streamMessage(url, { transform: extractThinking() })
 */
export function extractThinking(options: ExtractThinkingOptions = {}): () => DeltaTransform {
  const { tag = 'think', startsThinking = false } = options
  const opening = `<${tag}>`
  const closing = `</${tag}>`

  return () => {
    const out: MessageDelta[] = []
    /** Where the dialect's parts are now. A text may have become several; this is the last, if there is one. */
    const places: (number | undefined)[] = []
    let next = 0
    const names = new Set<string>()
    /** Of the texts that something came after: what they were then. */
    const kinds: ('text' | 'reasoning')[] = []
    let inside = startsThinking

    /** The text that grows. `start` is where a block may begin. */
    let open = -1
    let kind: 'start' | 'text' | 'reasoning'
    /** What may become a tag. */
    let held = ''
    /** The white space that the text began with; `undefined` after a block, where it is dropped. */
    let space: string | undefined
    /** What came in between, as long as what is next in the text has no place. */
    const waiting: MessageDelta[] = []

    function pass(delta: MessageDelta): void {
      const { type } = delta
      if (type === 'reasoning-delta') inside = false
      if ('part' in delta) {
        const { part } = delta
        // Metadata of a text of which nothing is left is that of an empty one.
        if (type === 'part-metadata' && places[part] === undefined) write(part, kinds[part], '')
        out.push({ ...delta, part: (places[part] ??= next++) })
        return
      }
      if (type === 'source' || type === 'file' || (type === 'data' && !delta.transient)) {
        // Data of the same name and id takes the place of what was there.
        const name = type === 'data' ? `${delta.name}\n${delta.id}` : ''
        if (type !== 'data' || delta.id === undefined || !names.has(name)) places.push(next++)
        names.add(name)
      }
      out.push(delta)
    }

    function write(part: number, type: typeof kind | undefined, delta: string): void {
      const place = (places[part] ??= next++)
      out.push({ type: type === 'reasoning' ? 'reasoning-delta' : 'text-delta', part: place, delta })
      for (const each of waiting.splice(0)) pass(each)
    }

    /** Reads what is held. At the text's end, the beginning of a tag is none. */
    function read(ends?: boolean): void {
      for (;;) {
        if (kind === 'start') {
          const rest = held.trimStart()
          if (space !== undefined) space += held.slice(0, held.length - rest.length)
          held = rest
          if (rest.startsWith(opening)) {
            held = rest.slice(opening.length)
            kind = 'reasoning'
          } else if (!ends && opening.startsWith(rest)) return
          else {
            held = (space ?? '') + rest
            kind = inside ? 'reasoning' : 'text'
          }
          inside = false
        }
        const isNew = places[open] === undefined
        let end = -1
        let keep = 0
        if (kind === 'reasoning') {
          if (isNew) held = held.trimStart()
          end = held.indexOf(closing)
          if (!ends) keep = closing.length - 1
          while (!held.endsWith(closing.slice(0, keep))) keep--
        }
        const whole = held.slice(0, end < 0 ? held.length - keep : end)
        // A text that is empty is a part, too.
        if (whole || (isNew && kind === 'text' && space === '')) write(open, kind, whole)
        if (end < 0) {
          held = closing.slice(0, keep)
          return
        }
        held = held.slice(end + closing.length)
        kind = 'start'
        places[open] = space = undefined
      }
    }

    function settle(): void {
      if (open >= 0) {
        read(true)
        kinds[open] = kind as 'text'
        open = -1
      }
      for (const each of waiting.splice(0)) pass(each)
    }

    return {
      read(delta) {
        if (delta.type === 'text-delta') {
          if (delta.part !== open) {
            settle()
            open = delta.part
            kind = kinds[open] ?? 'start'
            if (kind === 'start') {
              places[open] = undefined
              space = ''
            }
          }
          held += delta.delta
          read()
        } else {
          if (ENDS.test(delta.type)) settle()
          if (open >= 0 && places[open] === undefined) waiting.push(delta)
          else pass(delta)
        }
        return out.splice(0)
      },
      end() {
        settle()
        return out.splice(0)
      },
    }
  }
}
