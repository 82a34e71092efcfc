// `pnpm test`: sees to a browser, builds, and runs every test. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ensureChromium } from './chromium.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const vitest = createRequire(import.meta.url)
  .resolve('vitest/package.json')
  .replace('package.json', 'vitest.mjs')

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

try {
  process.env.CHROMIUM_PATH = await ensureChromium()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
// The end-to-end tests run what is built.
run('scripts/build.mjs', '--quiet')
run(vitest, 'run', ...process.argv.slice(2))
