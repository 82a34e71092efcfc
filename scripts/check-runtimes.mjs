// Core in the runtimes beside browsers: this Node, and Deno and Bun as npm's packages bring them.
// Installs them into a folder of its own, some 200 MB; so it runs nightly, and not with the tests.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runnerImport } from 'vite'

const DENO = '2.9.6'
const BUN = '1.4.5'

const root = fileURLToPath(new URL('..', import.meta.url))
const task = fileURLToPath(new URL('runtimes/task.mjs', import.meta.url))
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace('package.json', 'bin/tsc')
const scratch = mkdtempSync(join(tmpdir(), 'rivulet-runtimes-'))
const bin = (name) =>
  join(scratch, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)

/** A package's modules as they are published, and its main entry's URL. */
function compile(name) {
  const outDir = join(scratch, name)
  const project = join(root, 'packages', name, 'tsconfig.json')
  const options = ['--outDir', outDir, '--tsBuildInfoFile', join(scratch, `${name}.tsbuildinfo`)]
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project, ...options], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`packages/${name} does not compile\n${stdout}`)
  return pathToFileURL(join(outDir, 'index.js')).href
}

function run(command, args) {
  return new Promise((resolve) => {
    const options = { cwd: scratch, encoding: 'utf8', timeout: 300_000 }
    execFile(command, args, options, (error, stdout, stderr) => resolve({ error, stdout, stderr }))
  })
}

/** What the runtime prints; how many checks were right, and whether all were. */
async function check(name, command, args, given) {
  const { stdout: version } = await run(command, ['--version'])
  console.log(`\n== ${name} ${version.split('\n')[0]}`)
  const { error, stdout, stderr } = await run(command, [...args, task, JSON.stringify(given)])
  process.stdout.write(stdout)
  const lines = stdout.split('\n').filter(Boolean)
  const right = lines.filter((line) => line.startsWith('ok ')).length
  if (error) console.log(`FAILED  ${error.message}\n${stderr}`)
  console.log(`== ${name}: ${right} of ${lines.length}`)
  return !error && right > 0 && right === lines.length
}

let ok = true
const { module: testkit } = await runnerImport(`${root}packages/testkit/src/node.ts`, {
  configFile: false,
  root,
})
const server = await testkit.startScriptServer()
const gone = await testkit.startScriptServer()
await gone.close()
try {
  writeFileSync(join(scratch, 'package.json'), '{ "private": true, "type": "module" }')
  const given = {
    core: compile('core'),
    testkit: compile('testkit'),
    server: { url: server.url, control: server.control },
    nowhere: gone.url,
  }
  const packages = [`deno@${DENO}`, `bun@${BUN}`]
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: scratch,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) throw new Error(`npm could not install ${packages.join(' and ')}`)
  ok = (await check('Node', process.execPath, [], given)) && ok
  ok = (await check('Deno', bin('deno'), ['run', '--allow-net', '--allow-read'], given)) && ok
  ok = (await check('Bun', bin('bun'), ['run'], given)) && ok
} catch (error) {
  console.error(error.message)
  ok = false
} finally {
  await server.close()
  rmSync(scratch, { recursive: true, force: true })
}
process.exit(ok ? 0 : 1)
