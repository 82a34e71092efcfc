import { expect, it } from 'vitest'
import { fuzzEndless, fuzzEvents, fuzzLimit } from '../test/fuzz-event-parser.ts'

// A fault names its seed and the shortest body that shows it; `pnpm fuzz --seed N` looks at it again.

/** An expect a body would take longer than reading it. */
function fail(report: string | undefined): void {
  if (report) expect.fail(report)
}

it('reads a hundred thousand random bodies by the book, however they are cut', { timeout: 60_000 }, () => {
  for (let seed = 0; seed < 100_000; seed++) fail(fuzzEvents(seed)?.report)
})

it(
  'meets the limit where the bytes that are held exceed it, however they are cut',
  { timeout: 60_000 },
  () => {
    for (let seed = 0; seed < 50_000; seed++) fail(fuzzLimit(seed)?.report)
  },
)

it('never holds more of an event without an end than its limit and a kibibyte', { timeout: 60_000 }, () => {
  for (let seed = 0; seed < 2000; seed++) fail(fuzzEndless(seed)?.report)
})
