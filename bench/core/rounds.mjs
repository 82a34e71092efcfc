function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

async function trial(engine, workload, names, { rounds, ...options }) {
  const entries = []
  try {
    for (const name of names) {
      const isolate = await engine.open()
      const entry = { name, isolate, samples: [] }
      entries.push(entry)
      Object.assign(entry, await isolate.call('prepare', name, workload, options))
    }
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < entries.length; turn++) {
        const { isolate, samples } = entries[(turn + round) % entries.length]
        samples.push(await isolate.call('sample'))
      }
    }
  } finally {
    for (const { isolate } of entries) await isolate.close()
  }
  return entries
}

/**
 * One workload. Every candidate has an isolate of its own, since in one they would spoil each other's compiled code,
 * and a new one in each trial, since no two isolates compile alike. In each round of a trial each has its turn,
 * every round beginning with another: what disturbs the machine disturbs all. A result is the median over all.
 */
export async function measure(engine, workload, names, { trials, ...options }) {
  const all = []
  for (let i = 0; i < trials; i++) all.push(await trial(engine, workload, names, options))
  return names.map((name, index) => {
    const mine = all.map((entries) => entries[index])
    const part = mine.some((entry) => entry.part)
    const good = mine.filter((entry) => entry.part === part)
    const ms = median(good.flatMap(({ samples }) => samples))
    const [{ bytes, events }] = good
    return { name, ms, mbps: bytes / 1000 / ms, part, events }
  })
}
