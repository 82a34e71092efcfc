// All checks in one go. The last line counts them: every test, and each other check as one.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'rivulet-ci-'))
const report = join(scratch, 'tests.json')
let passed = 0
let failed = 0

function pnpm(...args) {
  return spawnSync('npx', ['-y', 'pnpm@10', ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}

function check(name, run) {
  console.log(`\n== ${name}`)
  const ok = run().status === 0
  if (ok) passed++
  else failed++
  console.log(`== ${name}: ${ok ? 'passed' : 'FAILED'}`)
}

check('build', () => pnpm('build'))
check('lint', () => pnpm('lint'))
check('types', () => pnpm('typecheck'))
check('packages', () => pnpm('check:packages'))
check('size', () => pnpm('size'))
check('unused code', () => pnpm('knip'))
check('own fixtures', () => pnpm('check:fixtures', 'packages/core/test/fixtures', '--quick'))
// What is kept outside of this repository is checked where it is at hand.
const shared = join(root, '..', 'shared')
function checkShared(name, script, path, ...args) {
  const file = join(shared, path)
  if (!existsSync(file)) return console.log(`\n== ${name}: left out, there are none beside this repository`)
  const run = [script, file, ...args]
  return check(name, () => spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' }))
}
checkShared('event stream cases', 'scripts/check-event-stream-cases.mjs', 'event-stream-cases.json')
checkShared('recorded streams', 'scripts/check-fixtures.mjs', 'fixtures', '--quick')

console.log('\n== tests')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const { status } = pnpm('test', ...reporters)
try {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
  passed += numPassedTests
  failed += numFailedTests
  if (numPassedTests + numFailedTests === 0) throw new Error('no test ran')
  // A run may also fail without a failing test: an unhandled rejection, a file that does not load.
  if (status !== 0 && numFailedTests === 0) throw new Error('the test run failed outside of its tests')
} catch (error) {
  failed++
  console.log(`tests: ${error.message}`)
}
rmSync(scratch, { recursive: true })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
