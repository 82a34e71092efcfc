import { element } from './element.ts'

/** The prompt box with its buttons. */
export interface Composer {
  /** The model to ask. */
  readonly model: string | undefined
  /** Fill the chooser, which is shown only when there is something to choose. */
  setModels(models: readonly string[], chosen: string | null): void
  /** Show Stop instead of Ask. */
  setRunning(running: boolean): void
}

/** What the composer does when it is used. */
export interface ComposerActions {
  ask(prompt: string): void
  stop(): void
}

function growWithText(prompt: HTMLTextAreaElement): () => void {
  if (CSS.supports('field-sizing', 'content')) return () => {}
  return () => {
    prompt.style.height = 'auto'
    prompt.style.height = `${prompt.scrollHeight}px`
  }
}

/** Wire up the form: Enter asks, Shift+Enter starts a line, Escape stops; nothing is sent while an IME composes. */
export function createComposer({ ask, stop }: ComposerActions): Composer {
  const form = element('#composer', HTMLFormElement)
  const prompt = element('#prompt', HTMLTextAreaElement)
  const askButton = element('#ask', HTMLButtonElement)
  const stopButton = element('#stop', HTMLButtonElement)
  const modelField = element('#model-field', HTMLElement)
  const select = element('#model', HTMLSelectElement)
  const grow = growWithText(prompt)
  let onlyModel: string | undefined
  let running = false

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = prompt.value.trim()
    if (text === '') return prompt.focus()
    prompt.value = ''
    grow()
    ask(text)
  })

  prompt.addEventListener('input', grow)
  prompt.addEventListener('keydown', (event) => {
    // Safari ends a composition before the key that ends it arrives, with the old code for "being processed".
    if (event.isComposing || event.keyCode === 229) return
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return
    event.preventDefault()
    form.requestSubmit()
  })

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing && running) stop()
  })

  stopButton.addEventListener('click', (event) => {
    // The second half of a double click on Ask is not meant for the button that has taken its place.
    if (event.detail < 2) stop()
  })

  return {
    get model() {
      return modelField.hidden ? onlyModel : select.value
    },
    setModels(models, chosen) {
      onlyModel = chosen ?? undefined
      modelField.hidden = models.length < 2
      select.replaceChildren(...models.map((name) => new Option(name, name, false, name === chosen)))
    },
    setRunning(now) {
      if (now === running) return
      running = now
      const [shown, gone] = running ? [stopButton, askButton] : [askButton, stopButton]
      const hadFocus = document.activeElement === gone
      shown.hidden = false
      gone.hidden = true
      if (hadFocus) shown.focus()
    },
  }
}
