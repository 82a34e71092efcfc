import { expect, it } from 'vitest'
import { createAnnouncer } from './announcer.ts'
import type { Announcer } from './announcer.ts'

function setUp(): { announcer: Announcer; said: () => string | null; wait: (ms: number) => void } {
  const region = document.createElement('div')
  let now = 0
  return {
    announcer: createAnnouncer(region, () => now),
    said: () => region.textContent,
    wait: (ms) => void (now += ms),
  }
}

it('says whole sentences, not tokens', () => {
  const { announcer, said } = setUp()
  for (const token of ['The', ' sky', ' is', ' blue']) announcer.push(token)
  expect(said()).toBe('')
  announcer.push('. Because')
  expect(said()).toBe('The sky is blue.')
})

it('speaks at most once a second, and loses nothing', () => {
  const { announcer, said, wait } = setUp()
  announcer.push('One. ')
  announcer.push('Two. ')
  announcer.push('Three. ')
  expect(said()).toBe('One.')
  wait(1000)
  announcer.push('Four. Fi')
  expect(said()).toBe('Two. Three. Four.')
  announcer.end('Stopped.')
  expect(said()).toBe('Fi Stopped.')
})

it.each([
  ['a question? ', 'a question?'],
  ['中文句子。然后', '中文句子。'],
  ['a line\nthen', 'a line'],
  ['version 3.14 is', ''],
])('finds the end of a sentence in %j', (text, sentence) => {
  const { announcer, said } = setUp()
  announcer.push(text)
  expect(said()).toBe(sentence)
})

it('does not wait for ever for a sentence to end', () => {
  const { announcer, said } = setUp()
  announcer.push('word '.repeat(100))
  expect(said()).toMatch(/^word( word)+$/)
})

it('is silent after a reset', () => {
  const { announcer, said } = setUp()
  announcer.push('One. And')
  announcer.reset()
  expect(said()).toBe('')
  announcer.end()
  expect(said()).toBe('')
})
