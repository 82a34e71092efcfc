import { expect, it } from 'vitest'
import { readErrorRecord } from './error-record.ts'

it.each([
  [
    'OpenAI',
    { error: { message: 'No', type: 'invalid', code: 'bad_key' } },
    { message: 'No', code: 'bad_key' },
  ],
  [
    'a type where there is no code',
    { error: { message: 'No', type: 'overloaded', code: null } },
    { message: 'No', code: 'overloaded' },
  ],
  ['a numeric code', { error: { message: 'No', code: 429 } }, { message: 'No', code: '429' }],
  ['Ollama', { error: 'model not found' }, { message: 'model not found' }],
  ['vLLM', { object: 'error', message: 'No', code: 400 }, { message: 'No', code: '400' }],
  ['FastAPI', { detail: 'Not Found' }, { message: 'Not Found' }],
  ['Gemini', [{ error: { message: 'No', code: 400 } }], { message: 'No', code: '400' }],
  ['an object nobody knows', { error: { reason: 'x' } }, { message: '{"reason":"x"}' }],
  ['a list of messages', { error: { message: ['a'] } }, { message: '["a"]' }],
  ['a very long message', { error: 'x'.repeat(5000) }, { message: 'x'.repeat(1000) }],
  ['no error', { choices: [] }, {}],
  ['plain words', 'text', { message: 'text' }],
  ['a number', 7, {}],
  ['an empty list', [], {}],
  ['null', null, {}],
])('finds the error of %s', (_, value, expected) => {
  expect(readErrorRecord(value)).toEqual(expected)
})

it('does not repeat the input that FastAPI quotes', () => {
  const detail = [{ loc: ['body'], msg: 'Field required', input: { messages: ['a secret prompt'] } }]
  expect(readErrorRecord({ detail })).toEqual({ message: 'Field required', code: undefined })
})
