import type { Suggestion } from './demo-info.ts'
import { element } from './element.ts'

function text(className: string, content: string): HTMLElement {
  const span = document.createElement('span')
  span.className = className
  span.textContent = content
  return span
}

function toItem({ prompt, shows }: Suggestion, ask: (prompt: string) => void): HTMLLIElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'suggestion'
  button.append(text('suggestion-shows', shows), ' ', text('suggestion-prompt', prompt))
  button.addEventListener('click', () => ask(prompt))
  const item = document.createElement('li')
  item.append(button)
  return item
}

/** List the prompts to click; a list without any is hidden together with its title. */
export function showSuggestions(suggestions: readonly Suggestion[], ask: (prompt: string) => void): void {
  for (const [id, group] of [
    ['#answers', 'answer'],
    ['#trouble', 'trouble'],
  ] as const) {
    const list = element(id, HTMLUListElement)
    list.replaceChildren(
      ...suggestions.filter((suggestion) => suggestion.group === group).map((each) => toItem(each, ask)),
    )
  }
}
