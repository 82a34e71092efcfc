import type { Answer } from '../answer.ts'

/** A short program with a few words around it. */
export const code: Answer = {
  prompt: 'Write a debounce function that can be cancelled',
  shows: 'Code',
  text: `Here is a small one in TypeScript, with no dependencies.

\`\`\`ts
export function debounce<Args extends unknown[]>(
  run: (...args: Args) => void,
  waitMs: number,
) {
  let timer: ReturnType<typeof setTimeout> | undefined

  function debounced(...args: Args): void {
    clearTimeout(timer)
    timer = setTimeout(() => run(...args), waitMs)
  }

  debounced.cancel = (): void => clearTimeout(timer)

  return debounced
}
\`\`\`

And this is how it is used:

\`\`\`ts
const save = debounce((text: string) => {
  localStorage.setItem('draft', text)
}, 300)

editor.addEventListener('input', () => save(editor.value))
discard.addEventListener('click', () => save.cancel())
\`\`\`

Three things are worth knowing. The last call wins: only its arguments reach your function, and the earlier ones are forgotten. Nothing runs at once; if the first call should go through immediately, what you want is a throttle. And a page that is closed within those 300 milliseconds loses the last change, so flush it when the page is hidden if that matters.`,
}
