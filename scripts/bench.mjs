// `pnpm bench NAME`: installs what bench/ needs (once, apart from the workspace), builds, and runs bench/NAME.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [name = '', ...args] = process.argv.slice(2)

const known = readdirSync(`${root}bench`).filter((each) => existsSync(`${root}bench/${each}/main.mjs`))
if (!known.includes(name)) {
  console.error(`usage: pnpm bench NAME [--quick], NAME being one of: ${known.join(', ')}`)
  process.exit(2)
}

function run(command, commandArgs, cwd) {
  const { status } = spawnSync(command, commandArgs, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(`${root}bench/node_modules`)) {
  console.error('bench: installing the peers that are measured beside ours, in bench/ alone, once')
  run('npx', ['-y', 'pnpm@10', 'install', '--frozen-lockfile'], `${root}bench`)
}
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc')
run(process.execPath, [tsc, '-b', 'packages/core'], root)
run(process.execPath, [`bench/${name}/main.mjs`, ...args], root)
