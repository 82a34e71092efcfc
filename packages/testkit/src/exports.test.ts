import { expect, test } from 'vitest'
import * as entry from './index.ts'

test('the entry exports exactly this', () => {
  expect(Object.keys(entry).sort()).toEqual([
    'bytesOf',
    'chatChunk',
    'chatEvent',
    'chatEvents',
    'checkFixture',
    'connectScriptServer',
    'createScriptedFetch',
    'cut',
    'everySplit',
    'isOptional',
    'streamOf',
  ])
})
