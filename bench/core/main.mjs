// Measures the reader beside its peers, and writes docs/benchmarks/core.md of a full run.
// usage: pnpm bench core [--quick] [--in node|chromium] [--workload NAME] [--only PARSER]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { engines } from './engines.mjs'
import { report } from './report.mjs'
import { measure } from './rounds.mjs'
import { sizes } from './sizes.mjs'
import { OURS, PEER, throughputTables } from './tables.mjs'
import { WORKLOADS } from './workloads.mjs'

const FULL = { trials: 3, rounds: 5, warmUpMs: 100, sampleMs: 12 }
const QUICK = { trials: 1, rounds: 5, warmUpMs: 60, sampleMs: 6 }

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    quick: { type: 'boolean', default: false },
    in: { type: 'string' },
    workload: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
  },
})
const options = values.quick ? QUICK : FULL
const whole = !values.in && !values.workload && !values.only

const beside = new URL('../../../shared/event-stream-cases.json', import.meta.url)
const given = existsSync(beside) ? JSON.parse(readFileSync(beside, 'utf8')).cases : undefined

const say = (text) => process.stderr.write(`${text}\n`)

async function alone(engine, ...call) {
  const isolate = await engine.open()
  try {
    return await isolate.call(...call)
  } finally {
    await isolate.close()
  }
}

/** All of them, or those asked for and what they are compared with. */
async function chosen(engine) {
  const { floors, parsers } = await alone(engine, 'names')
  return [...floors, ...parsers.filter((name) => name === PEER || name.includes(values.only))]
}

/** A parser that finds other events than the one it is compared with would be measured at other work. */
function sameEvents(results, compared) {
  const counts = results.filter(({ name }) => compared.includes(name)).map(({ events }) => events)
  if (new Set(counts).size > 1)
    throw new Error(`${compared.join(' and ')} differ: ${counts.join(', ')} events`)
}

async function run(engine) {
  const names = await chosen(engine)
  const results = {}
  for (const [index, { name }] of WORKLOADS.entries()) {
    if (!name.includes(values.workload)) continue
    say(`${engine.name}: ${name}`)
    results[name] = await measure(engine, index, names, options)
    sameEvents(results[name], [OURS, PEER])
  }
  const measured = { engine: engine.name, results }
  if (!whole) return measured
  say(`${engine.name}: conformance, cost of a delta`)
  measured.conformance = await alone(engine, 'conformance', given)
  measured.deltaCost = await alone(engine, 'deltaCost', values.quick)
  return measured
}

const runs = []
for (const name of values.in ? [values.in] : Object.keys(engines)) {
  const engine = await engines[name]()
  try {
    runs.push(await run(engine))
  } finally {
    await engine.close()
  }
}

if (whole) {
  const date = new Date().toISOString().slice(0, 10)
  const page = report({ runs, sizes: await sizes(), cores: cpus().length, date })
  console.log(page)
  if (!values.quick) {
    const folder = new URL('../../docs/benchmarks/', import.meta.url)
    mkdirSync(folder, { recursive: true })
    writeFileSync(new URL('core.md', folder), page)
  }
} else {
  for (const { engine, results } of runs) console.log(`${engine}\n\n${throughputTables(results)}\n`)
}
