// publint and attw on every package that is published, as npm would pack it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = mkdtempSync(join(tmpdir(), 'rivulet-packages-'))
let failed = 0

function run(name, script, args, cwd) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd, encoding: 'utf8' })
  if (status === 0) return console.log(`ok      ${name}`)
  failed++
  console.log(`failed  ${name}\n${stdout}${stderr}`)
}

const publint = join(root, 'node_modules/publint/src/cli.js')
const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
try {
  for (const folder of readdirSync(join(root, 'packages'))) {
    const cwd = join(root, 'packages', folder)
    if (!existsSync(join(cwd, 'package.json'))) continue
    const manifest = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))
    if (manifest.private) continue
    run(`publint ${manifest.name}`, publint, ['--strict', '--pack', 'npm'], cwd)
    const packed = spawnSync('npm', ['pack', '--json', '--pack-destination', out], {
      cwd,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    const [{ filename }] = JSON.parse(packed.stdout)
    run(
      `attw ${manifest.name}`,
      attw,
      [join(out, filename), '--profile', 'esm-only', '--format', 'ascii'],
      cwd,
    )
  }
} finally {
  rmSync(out, { recursive: true })
}
process.exit(failed ? 1 : 0)
