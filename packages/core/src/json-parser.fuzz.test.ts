import { expect, it } from 'vitest'
import { fuzzJson } from '../test/fuzz-json-parser.ts'

// A fault names its seed and the shortest body that shows it; `pnpm fuzz --seed N` looks at it again.

it('reads the records of fifty thousand random bodies, however they are cut', { timeout: 60_000 }, () => {
  for (let seed = 0; seed < 50_000; seed++) {
    const fault = fuzzJson(seed)
    if (fault) expect.fail(fault.report)
  }
})
