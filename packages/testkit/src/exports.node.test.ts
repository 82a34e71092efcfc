import { expect, test } from 'vitest'
import * as entry from './node.ts'

test('the entry exports exactly this', () => {
  expect(Object.keys(entry).sort()).toEqual(['createHeldBody', 'startScriptServer', 'startUpstream'])
})
