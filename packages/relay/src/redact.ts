const MIN_PIECE = 8
const HIDDEN = '[redacted]'

/** One pass over disjoint words: a pattern with an open beginning is quadratic on a long word. */
const WORD = /[\w*.-]+/g

/** What looks like a key whoever it belongs to, also when the provider has masked its middle. */
function isKeyLike(word: string): boolean {
  return word.includes('***') || /(^|[^A-Za-z0-9])sk-[\w*.-]{4}/.test(word)
}

/**
 * Makes a function that hides secrets in a text: a whole secret, any 8 or more consecutive characters of one,
 * and whatever looks like a key (providers echo parts of it when they refuse it).
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const pieces = new Set<string>()
  const short: string[] = []
  for (const secret of secrets) {
    if (secret.length > 0 && secret.length < MIN_PIECE) short.push(secret)
    for (let i = 0; i + MIN_PIECE <= secret.length; i++) pieces.add(secret.slice(i, i + MIN_PIECE))
  }

  const hidePieces = (text: string): string => {
    let result = ''
    let kept = 0
    for (let i = 0; i + MIN_PIECE <= text.length; i++) {
      if (!pieces.has(text.slice(i, i + MIN_PIECE))) continue
      let end = i + MIN_PIECE
      while (pieces.has(text.slice(end - MIN_PIECE + 1, end + 1))) end++
      result += text.slice(kept, i) + HIDDEN
      kept = end
      i = end - 1
    }
    return result + text.slice(kept)
  }
  // A short secret, such as the "ollama" that a local server is given, is hidden as a whole word only.
  const hideShort = (text: string): string =>
    short.reduce((hidden, secret) => {
      return hidden.replace(/[\w-]+|[^\w-]+/g, (word) => (word === secret ? HIDDEN : word))
    }, text)

  return (text) => hideShort(hidePieces(text).replace(WORD, (word) => (isKeyLike(word) ? HIDDEN : word)))
}
