import { describe, expect, test } from 'vitest'
import { createRedactor } from './redact.ts'

const key = 'hs_0123456789abcdef'

describe('secrets in a text', () => {
  const redact = createRedactor([key, 'ollama'])

  test.each([
    [`key ${key} is wrong`, 'key [redacted] is wrong'],
    [`${key}${key}`, '[redacted][redacted]'],
    ['starts hs_01234 and ends 89abcdef!', 'starts [redacted] and ends [redacted]!'],
    ['only 7: 9abcdef', 'only 7: 9abcdef'],
    ['xx3456789ayy', 'xx[redacted]yy'],
    ['the key ollama is wrong', 'the key [redacted] is wrong'],
    ['ollama-2 and xollama stay', 'ollama-2 and xollama stay'],
    ['nothing to hide', 'nothing to hide'],
    ['', ''],
  ])('%j becomes %j', (text, hidden) => {
    expect(redact(text)).toBe(hidden)
  })
})

describe('what looks like a key of somebody', () => {
  const redact = createRedactor([])

  test.each([
    [
      'Incorrect API key provided: sk-proj-ab**************wxyz. Find it',
      'Incorrect API key provided: [redacted] Find it',
    ],
    ['sk-or-v1-0011223344 refused', '[redacted] refused'],
    ['key ab12****9z refused', 'key [redacted] refused'],
    ['a task-list and a risk-free word', 'a task-list and a risk-free word'],
    ['**bold** words', '**bold** words'],
  ])('%j becomes %j', (text, hidden) => {
    expect(redact(text)).toBe(hidden)
  })
})

test('a long text is searched in linear time', () => {
  const redact = createRedactor([key])
  const text = 'hs_0123x'.repeat(8_000)
  expect(redact(text)).toBe(text)
})
