const FLOOR = 'floor: TextDecoder alone'
export const OURS = '@rivulet/core'
export const PEER = 'eventsource-parser 4'

/** A Markdown table; the first column is text, the rest are figures. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'))
  return [head, rule, ...rows].map(line).join('\n')
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2))
const names = (results) => Object.values(results)[0].map(({ name }) => name)
const find = (results, workload, name) => results[workload].find((each) => each.name === name)

function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

function ratios(results, name, to) {
  return Object.keys(results).map((workload) => {
    const { mbps, part } = find(results, workload, name)
    return { value: mbps / find(results, workload, to).mbps, part }
  })
}

const marked = ({ part }, text) => (part ? `${text} †` : text)

function throughputTable(results) {
  const workloads = Object.keys(results)
  const rows = names(results).map((name) => [
    name,
    ...workloads.map((workload) => {
      const found = find(results, workload, name)
      return marked(found, digits(found.mbps))
    }),
  ])
  return table(['MB/s', ...workloads], rows)
}

function ratioTable(results, to, title) {
  const rows = names(results)
    .filter((name) => name !== to)
    .map((name) => {
      const all = ratios(results, name, to)
      const mean = geometricMean(all.map(({ value }) => value))
      return [name, ...all.map((each) => marked(each, each.value.toFixed(2))), mean.toFixed(2)]
    })
  return table([title, ...Object.keys(results), 'geometric mean'], rows)
}

/** MB/s, and the same as ratios to the fastest peer and to the floor. */
export function throughputTables(results) {
  return [
    throughputTable(results),
    ratioTable(results, PEER, `to ${PEER}`),
    ratioTable(results, FLOOR, 'to the floor'),
  ].join('\n\n')
}

/** Milliseconds of the long line. */
export function lineTable(runs, workload) {
  const rows = names(runs[0].results).map((name) => [
    name,
    ...runs.map(({ results }) => {
      const found = find(results, workload, name)
      return marked(found, found.ms.toFixed(1))
    }),
  ])
  return table(['ms', ...runs.map(({ engine }) => engine)], rows)
}
