import { expect, it } from 'vitest'
import { fuzzEvents } from '../test/fuzz-event-parser.ts'

// The rest of a million: event-parser.fuzz.test.ts has the first hundred thousand, and runs in Chromium as well.

it.each([1, 2, 3, 4, 5, 6, 7, 8, 9].map((turn) => turn * 100_000))(
  'reads the hundred thousand random bodies from %d on by the book',
  { timeout: 60_000 },
  (first) => {
    for (let seed = first; seed < first + 100_000; seed++) {
      const fault = fuzzEvents(seed)
      if (fault) expect.fail(fault.report)
    }
  },
)
