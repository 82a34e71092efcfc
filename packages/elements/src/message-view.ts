import type { Message, MessageDelta, Part } from '@rivulet/core'
import { createTextView } from './text-view.ts'
import type { TextView } from './text-view.ts'

/** Shows a message, part by part, as it grows. */
export interface MessageView {
  apply(delta: MessageDelta): void
  /** Shows a message from its start, in place of what is there. */
  show(message: Message | undefined): void
  /** The message is over; what was held back is shown. */
  end(): void
}

/** The words of the view, for other languages. */
export interface MessageLabels {
  readonly reasoning: string
  readonly tool: string
}

/** Keeps one section for each part, in order, and appends to it. */
export function createMessageView(target: Element, labels: () => MessageLabels): MessageView {
  const { ownerDocument } = target
  let sections: (TextView | undefined)[] = []

  function element(tag: string, part: string, parent: Element): HTMLElement {
    const made = ownerDocument.createElement(tag)
    made.setAttribute('part', part)
    parent.append(made)
    return made
  }

  function openText(type: 'text' | 'reasoning' | 'refusal'): TextView {
    if (type !== 'reasoning') return createTextView(element('div', type, target))
    const details = element('details', 'reasoning', target)
    element('summary', 'reasoning-label', details).textContent = labels().reasoning
    return createTextView(element('div', 'reasoning-text', details))
  }

  function openTool(name: string): TextView {
    const section = element('div', 'tool', target)
    element('span', 'tool-label', section).textContent = `${labels().tool} `
    element('code', 'tool-name', section).textContent = name
    return createTextView(element('code', 'tool-input', section))
  }

  function text(part: number, type: 'text' | 'reasoning' | 'refusal', delta: string): void {
    // Reasoning that the provider keeps to itself is an empty part: there is nothing to see.
    if (!delta) return
    const section = (sections[part] ??= openText(type))
    section.write(delta)
  }

  function showPart(part: Part, index: number): void {
    if (part.type === 'tool') {
      const section = (sections[index] = openTool(part.toolName))
      section.write(part.inputText)
    } else if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') {
      text(index, part.type, part.text)
    }
  }

  return {
    apply(delta) {
      switch (delta.type) {
        case 'text-delta':
          return text(delta.part, 'text', delta.delta)
        case 'reasoning-delta':
          return text(delta.part, 'reasoning', delta.delta)
        case 'refusal-delta':
          return text(delta.part, 'refusal', delta.delta)
        case 'tool-input-start':
          sections[delta.part] = openTool(delta.toolName)
          return
        case 'tool-input-delta':
          sections[delta.part]?.write(delta.delta)
      }
    },
    show(message) {
      target.replaceChildren()
      sections = []
      message?.parts.forEach(showPart)
    },
    end() {
      for (const section of sections) section?.end()
    },
  }
}
