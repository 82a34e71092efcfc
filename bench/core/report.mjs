import { lineTable, table, throughputTables } from './tables.mjs'
import { WORKLOADS } from './workloads.mjs'

const LINE = '4 MiB line'

function throughputSection({ engine, results }) {
  return `## Throughput in ${engine}\n\n${throughputTables(results)}`
}

function conformanceSection(runs) {
  const [{ conformance }] = runs
  const count = (checked) => (checked ? `${checked.right} of ${checked.of}` : '')
  const columns = runs.flatMap(({ engine, conformance: found }) => [
    [`${engine}: ours`, found.map(({ own }) => count(own))],
    ...(found[0].given ? [[`${engine}: web-platform-tests`, found.map(({ given }) => count(given))]] : []),
  ])
  const rows = conformance.map(({ name }, row) => [name, ...columns.map(([, cells]) => cells[row])])
  const failures = conformance
    .filter(({ own }) => own.failed.length > 0)
    .map(({ name, own }) => `- ${name}: ${own.failed.join('; ')}`)
  return [
    '## Conformance',
    'Cases that are right whole, byte by byte and split in two at every place. "Ours" are those of `bench/core/conformance/cases.mjs`, HTML 9.2.6 sentence by sentence; "web-platform-tests" are derived from its `eventsource/` folder and kept outside of this repository. A case is right when its events with their types and ids, the last valid `retry` and the last id are; what a parser does not tell counts as wrong.',
    table(['parser', ...columns.map(([head]) => head)], rows),
    `What fails of ours in ${runs[0].engine}:`,
    failures.join('\n'),
  ].join('\n\n')
}

function deltaSection(runs) {
  const rows = runs.map(({ engine, deltaCost: { first, last } }) => [
    engine,
    first.toFixed(2),
    last.toFixed(2),
    (last / first).toFixed(2),
  ])
  return [
    '## Cost of a delta in a message of 100,000',
    '`streamMessage` in a loop, ten events a chunk: microseconds a delta, JSON.parse and the stream included.',
    table(['', 'first 10 %', 'last 10 %', 'ratio'], rows),
  ].join('\n\n')
}

function sizeSection(sizes) {
  const rows = sizes.map(({ from, names, bytes }) => [
    `\`import ${names} from '${from}'\``,
    (bytes / 1000).toFixed(2),
  ])
  return [
    '## Sizes',
    'Bundled and minified by esbuild, gzipped: what is loaded at first.',
    table(['', 'kB'], rows),
  ].join('\n\n')
}

export function report({ runs, sizes, cores, date }) {
  return [
    '# The reader beside its peers',
    `Written by \`pnpm bench core\` on ${date}: ${runs.map(({ engine }) => engine).join(', ')}, ${cores} cores. Such a machine is noisy: a difference under 1.5x is a tie. Compare within a table; another run has other figures.`,
    'Each candidate runs in an isolate of its own (a worker), a new one in each of several trials, warmed up; in every round of a trial each has its turn, another one first each time; a figure is the median over all rounds. Each event is looked at by its last character. Parsers that are pushed to get the chunks directly, and one streaming TextDecoder where they take text. parse-sse, fetch-event-stream, the openai decoder and eventsource-client read only a ReadableStream, which has its own price a chunk: hold them to the floor of streams. eventsource-client reads only what it fetched, so it is given a fetch that answers with that stream.',
    WORKLOADS.map(({ name, about }) => `- ${name}: ${about}`).join('\n'),
    '† measured on a sixteenth of the line, since the whole takes over half a second.',
    ...runs.map(throughputSection),
    `## A 4 MiB line in 1.4 KiB chunks`,
    lineTable(runs, LINE),
    conformanceSection(runs),
    deltaSection(runs),
    sizeSection(sizes),
  ]
    .join('\n\n')
    .concat('\n')
}
