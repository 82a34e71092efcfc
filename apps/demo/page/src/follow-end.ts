/** Keeps the end of a growing text in view for a reader who is at the end. */
export interface Follow {
  /** A new text begins: its end comes into sight, however long what stands before it, and is followed. */
  restart(): void
  /** Only a text that is being written is followed. */
  setRunning(running: boolean): void
}

/** How far from the end, in CSS pixels, still counts as being there. */
const AT_END = 48

function distanceToEnd(): number {
  const root = document.documentElement
  return root.scrollHeight - root.clientHeight - root.scrollTop
}

/**
 * Follow `text` as it grows; a reader who scrolls away is left alone and offered `toEnd`. The text's
 * `scroll-margin-bottom` is how much of the window's lower edge is covered.
 */
export function followEnd(text: HTMLElement, toEnd: HTMLButtonElement): Follow {
  let following = true
  let running = false

  function toTheEnd(): void {
    document.documentElement.scrollTop = document.documentElement.scrollHeight
  }

  /** Show the text's own end, which is not the page's any more: more may follow a text that is over. */
  function showEndOfText(): void {
    const covered = Number.parseFloat(getComputedStyle(text).scrollMarginBottom)
    const { bottom } = text.getBoundingClientRect()
    if (bottom > document.documentElement.clientHeight - covered) text.scrollIntoView({ block: 'end' })
  }

  function update(): void {
    toEnd.hidden = following || !running
  }

  document.addEventListener(
    'scroll',
    () => {
      following = distanceToEnd() <= AT_END
      update()
    },
    { passive: true },
  )

  toEnd.addEventListener('click', () => {
    following = true
    toTheEnd()
    update()
  })

  new ResizeObserver(() => {
    if (running && following) toTheEnd()
  }).observe(text)

  return {
    restart() {
      following = true
      toTheEnd()
      update()
    },
    setRunning(now) {
      if (now === running) return
      running = now
      if (running) following ||= distanceToEnd() <= AT_END
      // What is said of an ended text (stopped, failed) is rendered by the next frame.
      else if (following) requestAnimationFrame(() => requestAnimationFrame(showEndOfText))
      update()
    },
  }
}
