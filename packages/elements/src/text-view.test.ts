import { describe, expect, it } from 'vitest'
import { createTextView } from './text-view.ts'

function show(...writes: readonly string[]): HTMLElement {
  const target = document.createElement('div')
  const view = createTextView(target)
  for (const text of writes) view.write(text)
  view.end()
  return target
}

/** The text a reader sees: a line a block. */
const linesOf = (target: Element): string[] => [...target.children].map((line) => line.textContent ?? '')

describe('createTextView', () => {
  const text = 'One line.\n\nA second 🙂, and a third:\n  indented\n\n\nEnd'

  it('shows a block a line, in every cutting', () => {
    for (let at = 0; at <= text.length; at++) {
      expect(linesOf(show(text.slice(0, at), text.slice(at))), `cut at ${at}`).toEqual(text.split('\n'))
    }
    expect(linesOf(show(...text.split('')))).toEqual(text.split('\n'))
  })

  it('opens no block for what has not come', () => {
    expect(linesOf(show('a\n'))).toEqual(['a'])
    expect(linesOf(show(''))).toEqual([])
  })

  it('gives an empty line a height', () => {
    expect(show('a\n\nb').children[1]?.innerHTML).toBe('<br>')
  })

  it('only ever adds: no node that was shown is touched but the last', () => {
    const target = document.createElement('div')
    const view = createTextView(target)
    view.write('first\nsecond')
    const [first, second] = target.children
    const node = second?.firstChild
    view.write(' grows\nthird')
    expect(target.children[0]).toBe(first)
    expect(target.children[1]?.firstChild).toBe(node)
    expect(node?.nodeValue).toBe('second grows')
  })

  it('never shows half a character', () => {
    const target = document.createElement('div')
    const view = createTextView(target)
    view.write('a\ud83d')
    expect(target.textContent).toBe('a')
    view.write('\ude42')
    expect(target.textContent).toBe('a🙂')
  })

  it('shows half a character that stays half, at the end', () => {
    expect(show('a\ud83d').textContent).toBe('a\ud83d')
  })

  it('splits a line of over 4 kB in spans, between characters', () => {
    const long = `${'x'.repeat(4095)}🙂${'y'.repeat(9000)}`
    for (const target of [show(long), show(...long.match(/[^]{1,7}/g)!)]) {
      const [line] = target.children
      expect(target.children).toHaveLength(1)
      expect(line?.textContent).toBe(long)
      for (const { length } of [...line!.childNodes].map((node) => node.textContent ?? '')) {
        expect(length).toBeLessThanOrEqual(4098)
      }
      const pieces = [...line!.childNodes].map((node) => node.textContent ?? '')
      expect(pieces.some((piece) => /[\ud800-\udbff]$/.test(piece))).toBe(false)
    }
  })

  it('shows markup as text', () => {
    const target = show('<img src=x onerror=alert(1)><script>alert(1)</script>')
    expect(target.querySelector('img, script')).toBeNull()
    expect(target.textContent).toBe('<img src=x onerror=alert(1)><script>alert(1)</script>')
  })
})
