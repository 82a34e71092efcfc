import { expect, it } from 'vitest'

it('exports these names and no others, and registers nothing', async () => {
  const elements = await import('./index.ts')
  expect(Object.keys(elements).sort()).toEqual([
    'StreamDoneEvent',
    'StreamErrorEvent',
    'StreamOutput',
    'StreamStatusEvent',
    'describeError',
  ])
  expect(customElements.get('stream-output')).toBeUndefined()
})

it('registers the elements from ./define, which exports the same', async () => {
  const define = await import('./define.ts')
  const elements = await import('./index.ts')
  expect(Object.keys(define).sort()).toEqual(Object.keys(elements).sort())
  expect(customElements.get('stream-output')).toBe(elements.StreamOutput)
})
