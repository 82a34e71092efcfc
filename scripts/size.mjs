// Holds the budgets of .size-limit.mjs, and the README and docs/dialects.md to what is measured.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = createRequire(import.meta.url)
  .resolve('size-limit/package.json')
  .replace('package.json', 'bin.js')
const { stdout, stderr } = spawnSync(process.execPath, [bin, '--json'], { cwd: root, encoding: 'utf8' })

let entries
try {
  entries = JSON.parse(stdout)
} catch {
  console.error(`size-limit failed; are the packages built (pnpm build)?\n${stdout}${stderr}`)
  process.exit(1)
}

const stated = ['README.md', 'docs/dialects.md'].flatMap((file) =>
  Array.from(readFileSync(root + file, 'utf8').matchAll(/\|\s*([\d.]+) kB\s*\|/g), ([, kilobytes]) => ({
    file,
    kilobytes: Number(kilobytes),
  })),
)
let failed = false
entries.forEach(({ name, size, sizeLimit, passed }, index) => {
  const kilobytes = Number((size / 1000).toFixed(2))
  const { file = 'nobody', kilobytes: said } = stated[index] ?? {}
  const told = said === kilobytes
  failed ||= !passed || !told
  const limit = `${sizeLimit / 1000} kB`
  console.log(`${passed ? 'ok      ' : 'too big '} ${kilobytes} kB of ${limit}  ${name}`)
  if (!told) console.log(`         ${file} says ${said} kB for it; write ${kilobytes} kB`)
})
process.exit(failed ? 1 : 0)
