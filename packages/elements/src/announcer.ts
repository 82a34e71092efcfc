/** Says an answer to a screen reader in sentences. */
export interface Announcer {
  /** More of the answer. It is said once a sentence is whole, and not more often than once a second. */
  push(text: string): void
  /** The answer is over: says the rest, and then `note`, if there is one. */
  end(note?: string): void
  reset(): void
}

const INTERVAL_MS = 1000
/** Text without any sentence is said in pieces of this size. */
const MAX_WAITING = 400

const SENTENCE_END = /[.!?…:;](?=\s)|[。！？।؟]|\n/g

/** Where the last whole sentence of `text` ends; 0 when there is none. */
function sentencesEnd(text: string): number {
  let end = 0
  for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length
  if (end === 0 && text.length > MAX_WAITING) end = text.lastIndexOf(' ') + 1 || text.length
  return end
}

/**
 * Fills a polite live region. The answer itself stands outside it: a region that grows with every token is read
 * again from its start, or not at all.
 */
export function createAnnouncer(region: Element, now: () => number = () => performance.now()): Announcer {
  let waiting = ''
  let saidAt = -Infinity

  function say(text: string): void {
    const words = text.replace(/\s+/g, ' ').trim()
    if (words === '') return
    region.textContent = words
    saidAt = now()
  }

  return {
    push(text) {
      waiting += text
      if (now() - saidAt < INTERVAL_MS) return
      const end = sentencesEnd(waiting)
      if (end === 0) return
      say(waiting.slice(0, end))
      waiting = waiting.slice(end)
    },
    end(note = '') {
      say(`${waiting} ${note}`)
      waiting = ''
    },
    reset() {
      waiting = ''
      saidAt = -Infinity
      region.textContent = ''
    },
  }
}
