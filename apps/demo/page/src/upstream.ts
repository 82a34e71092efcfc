import type { DemoInfo } from './demo-info.ts'
import { element } from './element.ts'

/** Say what is wrong, in words, at the top of the page. */
export function showProblem(words: string): void {
  element('#problem', HTMLElement).textContent = words
}

/** Say which upstream answers, and what is wrong with it. */
export function showUpstream({ upstream, problem }: DemoInfo): void {
  const name = document.createElement('strong')
  name.textContent = upstream.name
  const words =
    upstream.kind === 'demonstration'
      ? ['. Its answers were written in advance; set ', code('OPENAI_API_KEY'), ' to ask a real one.']
      : [' answers, by way of this server.']
  element('#upstream', HTMLElement).replaceChildren(name, ...words)
  element('.page', HTMLElement).dataset.upstream = upstream.kind
  if (problem !== null) showProblem(problem)
}

function code(text: string): HTMLElement {
  const node = document.createElement('code')
  node.textContent = text
  return node
}
