import { createStream } from '@rivulet/store'
import { chatEvents, createScriptedFetch } from '@rivulet/testkit'
import { afterEach, expect, it, vi } from 'vitest'
import './define.ts'
import type { StreamOutput } from './stream-output.ts'

afterEach(() => (document.body.innerHTML = ''))

function mount(...bodies: string[][]): {
  element: StreamOutput
  ask: () => Promise<unknown>
  stop: () => void
} {
  const element = document.createElement('stream-output')
  document.body.append(element)
  const stream = createStream({
    url: '/x',
    fetch: createScriptedFetch(...bodies.map((body) => ({ body, hang: true }))),
  })
  element.stream = stream
  return { element, ask: () => stream.send('q'), stop: () => stream.stop() }
}

it('has its status as a custom state', async () => {
  const { element, ask, stop } = mount(chatEvents('a').slice(0, 2), chatEvents('a'))
  await element.updateComplete
  expect(element.matches(':state(idle)')).toBe(true)
  void ask()
  expect(element.matches(':state(connecting)')).toBe(true)
  await vi.waitFor(() => expect(element.matches(':state(streaming)')).toBe(true))
  stop()
  expect(element.matches(':state(aborted)')).toBe(true)
  await ask()
  expect(element.matches(':state(done):not(:state(aborted))')).toBe(true)
})

it('is copied as the text that it shows', async () => {
  const { element, ask } = mount(chatEvents('One.\n\n', 'Two:\n  three'))
  await ask()
  const message = element.shadowRoot?.querySelector('[part=message]') as HTMLElement
  const selection = getSelection()
  selection?.selectAllChildren(message)
  expect(selection?.toString()).toBe('One.\n\nTwo:\n  three')
})

it('keeps a selection in the text while more comes', async () => {
  const body = chatEvents('Select me', ' and go', ' on.\nAnd on.')
  const { element, ask } = mount(body)
  const done = ask()
  const line = await vi.waitFor(() => {
    const found = element.shadowRoot?.querySelector('.line')?.firstChild
    expect(found?.nodeValue).toContain('Select me')
    return found as Text
  })
  const range = new Range()
  range.setStart(line, 0)
  range.setEnd(line, 6)
  await done
  expect(range.toString()).toBe('Select')
  expect(line.isConnected).toBe(true)
})

it('lays blocks out so that each line stands on its own', async () => {
  const { element, ask } = mount(chatEvents('a\n\nb'))
  await ask()
  const heights = [...(element.shadowRoot?.querySelectorAll('.line') ?? [])].map(
    (line) => (line as HTMLElement).offsetHeight,
  )
  expect(heights).toHaveLength(3)
  expect(Math.min(...heights)).toBeGreaterThan(10)
})
