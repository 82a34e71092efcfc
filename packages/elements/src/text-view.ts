/** Grows a text in the DOM. */
export interface TextView {
  /** Appends. The cost is that of the text given, whatever stands there already. */
  write(text: string): void
  /** Shows what `write` held back: half of a character pair whose other half never came. */
  end(): void
}

/** A longer text node makes each append pay for its layout again. */
const MAX_NODE = 4096

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800

/**
 * Shows plain text in `target`, append-only: a block a line, and a line over 4 kB in several spans, since the
 * layout of one big text node is quadratic over a stream.
 */
export function createTextView(target: Element): TextView {
  const { ownerDocument } = target
  let line: HTMLElement | undefined
  let node: Text | undefined
  let carry = ''

  function openLine(): HTMLElement {
    line = ownerDocument.createElement('div')
    line.className = 'line'
    target.append(line)
    return line
  }

  function append(piece: string): void {
    const block = line ?? openLine()
    for (let at = 0; at < piece.length;) {
      if (!node || node.length >= MAX_NODE) {
        // The first piece of a line is its text; only what comes after 4 kB needs elements around it.
        const holder = node ? block.appendChild(ownerDocument.createElement('span')) : block
        node = holder.appendChild(ownerDocument.createTextNode(''))
      }
      let end = Math.min(piece.length, at + MAX_NODE - node.length)
      if (end < piece.length && isHighSurrogate(piece.charCodeAt(end - 1))) end++
      node.appendData(piece.slice(at, end))
      at = end
    }
  }

  function endLine(): void {
    // An empty block has no height and is not copied.
    if (!line) openLine().append(ownerDocument.createElement('br'))
    line = undefined
    node = undefined
  }

  return {
    write(text) {
      let rest = carry + text
      carry = ''
      if (isHighSurrogate(rest.charCodeAt(rest.length - 1))) {
        carry = rest.slice(-1)
        rest = rest.slice(0, -1)
      }
      let start = 0
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
        if (end > start) append(rest.slice(start, end))
        endLine()
        start = end + 1
      }
      if (start < rest.length) append(rest.slice(start))
    },
    end() {
      if (carry !== '') append(carry)
      carry = ''
    },
  }
}
