import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

// The lint rule that holds the house's one-way imports, held itself: each line below is linted as a file.

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rivulet-imports-'))
  await copyFile(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
})
afterAll(() => rm(folder, { recursive: true }))

async function lint(file: string, imported: string): Promise<string> {
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `import { x } from '${imported}'\nexport const y: unknown = x\n`)
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  return new Promise((resolve) => {
    execFile(process.execPath, [oxlint, '--format', 'unix', file], { cwd: folder }, (_, stdout) =>
      resolve(stdout),
    )
  })
}

it.each([
  ['packages/core/src/a.ts', '@rivulet/store'],
  ['packages/core/src/a.ts', '@rivulet/relay/node'],
  ['packages/core/src/a.ts', 'node:fs'],
  ['packages/core/src/a.ts', 'nanostores'],
  ['packages/core/src/dialects/a.ts', '@rivulet/elements'],
  ['packages/store/src/a.ts', '@rivulet/elements'],
  ['packages/store/src/a.ts', '@rivulet/core/src/errors.ts'],
  ['packages/store/src/a.ts', '../../core/src/errors.ts'],
  ['packages/elements/src/a.ts', '@rivulet/relay'],
  ['packages/elements/src/a.ts', '@rivulet/core/dist/errors.js'],
  ['packages/relay/src/a.ts', '@rivulet/store'],
  ['packages/relay/src/a.ts', '@rivulet/elements/define'],
  ['packages/core/src/a.ts', 'fs'],
  ['packages/core/src/a.ts', '@rivulet/testkit'],
  ['packages/store/src/a.ts', '@rivulet/testkit'],
  ['packages/elements/src/a.ts', '@rivulet/testkit'],
  ['packages/relay/src/a.ts', '@rivulet/testkit/node'],
  ['packages/store/src/a.test.ts', '@rivulet/elements'],
  ['packages/testkit/src/a.ts', '@rivulet/core'],
  ['apps/react/src/a.ts', '@rivulet/demo'],
  ['apps/react/src/a.ts', '@rivulet/core/src/index.ts'],
  ['apps/react/src/a.ts', '../../../packages/core/src/index.ts'],
])('%s may not import %s', async (file, imported) => {
  expect(await lint(file, imported)).toMatch(/no-restricted-imports|no-nodejs-modules/)
})

it.each([
  ['packages/store/src/a.ts', '@rivulet/core'],
  ['packages/elements/src/a.ts', '@rivulet/store'],
  ['packages/elements/src/a.ts', '@rivulet/markdown'],
  ['packages/relay/src/a.ts', '@rivulet/core'],
  ['packages/relay/src/a.ts', 'node:http'],
  ['packages/core/src/a.test.ts', '@rivulet/testkit'],
  ['packages/relay/test/a.ts', '@rivulet/testkit/node'],
  ['packages/core/src/a.ts', './b.ts'],
  ['apps/react/src/a.ts', '@rivulet/elements/define'],
])('%s may import %s', async (file, imported) => {
  expect(await lint(file, imported)).not.toMatch(/no-restricted-imports|no-nodejs-modules/)
})
