import type { Answer } from '../answer.ts'

/** The 401 that every provider sends when a key is wrong. */
export const refusedKey: Answer = {
  prompt: 'Answer as if my key had been refused',
  shows: 'Refused key',
  group: 'trouble',
  error: {
    status: 401,
    message: 'Incorrect API key provided. Check the key in your account settings.',
    type: 'invalid_request_error',
    code: 'invalid_api_key',
  },
  text: '',
}
