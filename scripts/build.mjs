// Builds everything: the packages with tsc, the script-tag entry and the demo's page with Vite.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const quiet = process.argv.includes('--quiet')

function step(name, file, args, cwd = root) {
  if (!quiet) console.log(`build: ${name}`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd, encoding: 'utf8' })
  if (status === 0) return
  console.error(`build: ${name} failed\n${stdout}${stderr}`)
  process.exit(1)
}

const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc')
const vite = require.resolve('vite/package.json').replace('package.json', 'bin/vite.js')

step('packages', tsc, ['-b'])
for (const folder of ['packages/elements', 'apps/demo']) {
  if (existsSync(`${root}${folder}/vite.config.ts`)) step(folder, vite, ['build'], `${root}${folder}`)
}
