import type { DemoInfo } from './demo-info.ts'
import { element } from './element.ts'

const SAID_MS = 2000

function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
}

/** The HTML that streams an answer from this server onto any page. */
export function snippetFor(origin: string, model: string | null, prompt: string): string {
  return [
    `<script type="module" src="${origin}/rivulet.js"></script>`,
    ``,
    `<stream-output`,
    `  src="${origin}/v1/chat/completions"`,
    ...(model === null ? [] : [`  model="${attribute(model)}"`]),
    `  prompt="${attribute(prompt)}"`,
    `></stream-output>`,
  ].join('\n')
}

/** Show the snippet, true for this server, with a button that copies it. */
export function showSnippet({ model, suggestions }: DemoInfo): void {
  const snippet = snippetFor(location.origin, model, suggestions[0]?.prompt ?? 'Why is the sky blue?')
  const code = element('#snippet', HTMLElement)
  const button = element('#copy', HTMLButtonElement)
  code.textContent = snippet
  let said: ReturnType<typeof setTimeout> | undefined

  function say(words: string): void {
    clearTimeout(said)
    button.textContent = words
    said = setTimeout(() => (button.textContent = 'Copy'), SAID_MS)
  }

  button.addEventListener('click', () => {
    navigator.clipboard.writeText(snippet).then(
      () => say('Copied'),
      () => {
        // Without leave to write to the clipboard the reader copies by hand.
        getSelection()?.selectAllChildren(code)
        say('Selected')
      },
    )
  })
}
