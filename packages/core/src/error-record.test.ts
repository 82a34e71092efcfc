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
  ['no error', { choices: [] }, undefined],
  ['plain words', 'text', { message: 'text' }],
  ['a number', 7, undefined],
  ['an empty list', [], undefined],
  ['null', null, undefined],
])('finds the error of %s', (_, value, expected) => {
  expect(readErrorRecord(value)).toEqual(expected)
})
