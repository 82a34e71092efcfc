import { expect, it } from 'vitest'
import * as core from './index.ts'

it('exports these names and no others', () => {
  expect(Object.keys(core).sort()).toEqual([
    'StreamError',
    'createEventParser',
    'createJsonParser',
    'messageText',
    'openaiChat',
    'readEvents',
    'readJsonLines',
    'recordStream',
    'replayStream',
    'streamEvents',
    'streamMessage',
  ])
})
