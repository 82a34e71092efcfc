import '@rivulet/elements/define'
import { createComposer } from './composer.ts'
import { readDemoInfo } from './demo-info.ts'
import { element } from './element.ts'
import { showSnippet } from './embed.ts'
import { followEnd } from './follow-end.ts'
import { showMetrics } from './metrics.ts'
import { createQuestions } from './questions.ts'
import { showSuggestions } from './suggestions.ts'
import { showProblem, showUpstream } from './upstream.ts'

const page = element('.page', HTMLElement)
const question = element('#question', HTMLElement)
const output = document.querySelector('stream-output')
const questions = createQuestions()

function ask(prompt: string): void {
  question.textContent = prompt
  page.dataset.view = 'exchange'
  follow.restart()
  questions.ask({ prompt, model: composer.model })
}

const composer = createComposer({ ask, stop: questions.stop })
const follow = followEnd(element('.exchange', HTMLElement), element('#to-end', HTMLButtonElement))

if (output) output.stream = questions.stream
showMetrics(questions.stream)
questions.stream.$status.subscribe((status) => {
  page.dataset.status = status
  composer.setRunning(questions.isRunning(status))
  follow.setRunning(questions.isRunning(status))
})

try {
  const info = await readDemoInfo()
  composer.setModels(info.models, info.model)
  showUpstream(info)
  showSuggestions(info.suggestions, ask)
  showSnippet(info)
} catch {
  showProblem(
    'The server of this page does not answer. Is it still running? Start it and load the page again.',
  )
} finally {
  if (page.dataset.view === 'loading') page.dataset.view = 'welcome'
}
