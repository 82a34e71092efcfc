// Holds the built core to a folder of recorded streams: whole, by byte, in pieces and cut after every byte.
// usage: node scripts/check-fixtures.mjs DIR [--quick]    --quick: at most 200 cuts a body
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const EXPECTED = '.expected.json'
const QUICK_CUTS = 200

const filesIn = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))

/** What is looked at; an expectation that has none of it expects nothing, and would always be right. */
const FIELDS = ['text', 'reasoning', 'refusal', 'toolCalls', 'finishReason', 'usage', 'citations', 'error']

function readExpected(file) {
  try {
    const expected = JSON.parse(readFileSync(file, 'utf8'))
    if (FIELDS.some((field) => field in expected)) return expected
    throw new Error(`it has none of ${FIELDS.join(', ')}`)
  } catch (error) {
    console.error(`${file} is no expectation: ${error.message}`)
    process.exit(2)
  }
}

/** Every body that has an expectation beside it, with its content type from the catalogue. */
function findFixtures(dir) {
  const files = filesIn(dir).sort()
  const catalogue = join(dir, 'catalogue.json')
  const rows = existsSync(catalogue) ? JSON.parse(readFileSync(catalogue, 'utf8')) : []
  const types = new Map(rows.map(({ fixture, contentType }) => [fixture, contentType]))
  return files
    .filter((file) => file.endsWith(EXPECTED))
    .map((file) => {
      const stem = file.slice(0, -EXPECTED.length)
      const isBody = (each) =>
        each.startsWith(`${stem}.`) && each !== file && !each.slice(stem.length + 1).includes('.')
      const body = files.find(isBody)
      const name = relative(dir, body ?? stem).replaceAll('\\', '/')
      const expected = { protocol: basename(dirname(file)), ...readExpected(file) }
      const contentType = types.get(name) ?? expected.contentType ?? 'text/event-stream'
      return {
        name,
        file: body,
        contentType,
        expected,
        protocol: expected.protocol,
      }
    })
}

/** What is wrong with the build, in words; a build that is older than its sources tests what was. */
function checkBuild() {
  for (const name of ['core', 'testkit']) {
    const root = fileURLToPath(new URL(`../packages/${name}/`, import.meta.url))
    const dist = join(root, 'dist')
    if (!existsSync(join(dist, 'index.js'))) {
      console.error(`packages/${name}/dist is missing: pnpm build`)
      process.exit(2)
    }
    const newest = (files) => Math.max(...files.map((file) => statSync(file).mtimeMs))
    const sources = filesIn(join(root, 'src')).filter((file) => !/\.test(-d)?\.ts$/.test(file))
    if (newest(sources) > newest(filesIn(dist))) {
      console.error(`packages/${name}/dist is older than its sources: pnpm build`)
      process.exit(2)
    }
  }
}

async function main() {
  const args = process.argv.slice(2)
  const quick = args.includes('--quick')
  const [dir, ...others] = args.filter((arg) => arg !== '--quick')
  if (!dir || others.length > 0 || !existsSync(dir)) {
    if (dir && !existsSync(dir)) console.error(`${dir}: no such folder`)
    console.error('usage: node scripts/check-fixtures.mjs DIR [--quick]')
    process.exit(2)
  }
  checkBuild()
  const { isOptional } = await import('../packages/testkit/dist/index.js')
  const fixtures = findFixtures(dir)
  const differences = new Map()
  const missing = fixtures.filter(({ file }) => !file)
  for (const { name } of missing) {
    differences.set(name, [{ fixture: name, feeding: '-', field: 'body', expected: 'a file', got: 'none' }])
  }
  // The long ones first, so that no worker is left with one at the end.
  const size = ({ file }) => statSync(file).size
  const queue = fixtures.filter(({ file }) => file).sort((a, b) => size(b) - size(a))
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { quick } })
      const next = () => {
        const fixture = queue.shift()
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
        if (fixture) worker.postMessage(fixture)
        else void worker.terminate().then(resolve)
      }
      worker.on('message', ({ name, found }) => {
        differences.set(name, found)
        next()
      })
      worker.on('error', reject)
      next()
    })
  await Promise.all(Array.from({ length: Math.min(queue.length, availableParallelism()) }, run))

  const table = new Map()
  for (const { name, protocol } of fixtures) {
    const row = table.get(protocol) ?? { files: 0, right: 0, wrong: 0, optional: 0 }
    table.set(protocol, row)
    row.files++
    if (differences.get(name).length === 0) row.right++
    else if (isOptional(protocol)) row.optional++
    else row.wrong++
  }
  const columns = ['files', 'right', 'wrong', 'optional']
  const print = (name, cells) =>
    console.log(name.padEnd(24) + cells.map((cell) => `${cell}`.padStart(9)).join(''))
  print('protocol', columns)
  const total = (column) => [...table.values()].reduce((sum, row) => sum + row[column], 0)
  for (const [protocol, row] of [...table].sort(([a], [b]) => (a < b ? -1 : 1))) {
    print(
      protocol,
      columns.map((column) => row[column]),
    )
  }
  print('total', columns.map(total))

  const show = (value) =>
    inspect(value, { depth: 6, breakLength: 110, maxStringLength: 400, maxArrayLength: 20 })
  for (const { name, protocol } of fixtures) {
    // What every feeding tells is said once.
    const said = new Map()
    for (const { feeding, field, expected, got } of differences.get(name)) {
      const words = `${field}\n  expected ${show(expected)}\n  got      ${show(got)}`
      said.set(words, [...(said.get(words) ?? []), feeding])
    }
    const note = isOptional(protocol) ? ' (optional)' : ''
    for (const [words, feedings] of said) console.log(`\n${name}${note}, ${feedings.join(', ')}: ${words}`)
  }
  if (fixtures.length === 0) console.error(`${dir}: no ${EXPECTED} found`)
  process.exitCode = fixtures.length > 0 && total('wrong') === 0 ? 0 : 1
}

/** One fixture at a time, as the main thread sends them. */
async function work() {
  const { streamMessage } = await import('../packages/core/dist/index.js')
  const { checkFixture } = await import('../packages/testkit/dist/index.js')
  let unhandled = []
  process.on('unhandledRejection', (reason) => unhandled.push(reason))
  parentPort.on('message', async ({ name, file, contentType, expected }) => {
    unhandled = []
    const body = new Uint8Array(readFileSync(file))
    const options = workerData.quick ? { maxCuts: QUICK_CUTS } : {}
    const found = await checkFixture({ name, body, contentType, expected }, streamMessage, options)
    // Rejections are told to be unhandled a turn later.
    await new Promise((resolve) => setImmediate(resolve))
    for (const reason of unhandled) {
      found.push({
        fixture: name,
        feeding: '-',
        field: 'unhandled rejection',
        expected: 'none',
        got: String(reason),
      })
    }
    // What was got may hold what cannot be sent.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    parentPort.postMessage({ name, found: JSON.parse(JSON.stringify(found)) })
  })
}

if (isMainThread) await main()
else await work()
