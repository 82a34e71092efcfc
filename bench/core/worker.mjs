// What runs in an isolate of its own, the same bundle in Node and in Chromium: one candidate, or the checks.
import { floors, parsers } from './candidates/index.mjs'
import { checkAll } from './conformance/check.mjs'
import { deltaCost } from './delta-cost.mjs'
import { createContender } from './contender.mjs'
import { WORKLOADS } from './workloads.mjs'

let contender

const methods = {
  names: () => ({ floors: floors.map(({ name }) => name), parsers: parsers.map(({ name }) => name) }),
  async prepare(name, workload, options) {
    const candidate = [...floors, ...parsers].find((each) => each.name === name)
    contender = createContender(candidate, WORKLOADS[workload])
    return contender.prepare(options)
  },
  sample: () => contender.sample(),
  conformance: (further) => checkAll(parsers, further),
  deltaCost,
}

/** Answers `{ id, method, args }` with `{ id, result }` or `{ id, error }`. */
export async function answer({ id, method, args }) {
  try {
    return { id, result: await methods[method](...args) }
  } catch (error) {
    return { id, error: String(error?.stack ?? error) }
  }
}
