// Random bodies in random chunks for the parsers, until the time is over or one is read wrongly.
// usage: pnpm fuzz [--seconds N] [--seed S]
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } })
const seconds = Number(values.seconds ?? 60)
const first = Number(values.seed ?? Date.now() % 2 ** 31)
if (!(seconds > 0) || !Number.isInteger(first)) {
  console.error('usage: pnpm fuzz [--seconds N] [--seed S]')
  process.exit(2)
}

async function load(file) {
  const { module } = await runnerImport(`${root}packages/core/test/${file}`, { configFile: false, root })
  return module
}

const { fuzzEndless, fuzzEvents, fuzzLimit } = await load('fuzz-event-parser.ts')
const { fuzzJson } = await load('fuzz-json-parser.ts')
console.log(`fuzz: ${seconds} s from seed ${first} on`)

const start = performance.now()
let seed = first
function* faults() {
  yield fuzzEvents(seed)
  yield fuzzLimit(seed)
  yield fuzzJson(seed)
  if (seed % 100 === 0) yield fuzzEndless(seed)
}

// One round at least: with a seed that has failed, it is the one to look at.
do {
  for (const fault of faults()) {
    if (!fault) continue
    console.error(`fuzz: ${fault.report}\nAgain: pnpm fuzz --seed ${seed}`)
    process.exit(1)
  }
  seed++
} while (performance.now() - start < seconds * 1000)
console.log(`fuzz: ${seed - first} seeds, three bodies each, all read well. The next is ${seed}.`)
