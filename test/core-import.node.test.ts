import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'

// Core is imported where there is no page: each entry in a Node of its own, where to look at anything a page has throws.

const core = fileURLToPath(new URL('../packages/core/', import.meta.url))
const { exports } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { default: string }>
}
const entries = Object.entries(exports).flatMap(([name, target]) => {
  if (typeof target === 'string') return []
  const source = join(core, target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))
  return existsSync(source) ? [{ name, source }] : []
})

/** What a page has and a server or a worker has not, or what a page may replace until it is used. */
const TRAPPED = [
  'window',
  'document',
  'navigator',
  'location',
  'history',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'caches',
  'XMLHttpRequest',
  'EventSource',
  'Worker',
  'HTMLElement',
  'customElements',
  'addEventListener',
  'requestAnimationFrame',
  'fetch',
]

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'rivulet-import-'))))
afterAll(() => rm(folder, { recursive: true }))

/** Imports a file where the traps are set; what it prints. */
async function importTrapped(file: string): Promise<string> {
  const script = `
    for (const name of ${JSON.stringify(TRAPPED)}) {
      Object.defineProperty(globalThis, name, { get() { throw new Error('touched ' + name) } })
    }
    const names = Object.keys(await import(${JSON.stringify(pathToFileURL(file).href)}))
    console.log(names.length > 0 ? 'imported' : 'exports nothing')
  `
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return run.then(
    ({ stdout }) => stdout.trim(),
    (error: Error) => error.message,
  )
}

it.each(entries)(
  '$name of @rivulet/core looks at nothing of a page when it is imported',
  async ({ source }) => {
    const name = `${entries.findIndex((entry) => entry.source === source)}.mjs`
    await build({
      configFile: false,
      root: core,
      logLevel: 'error',
      build: {
        outDir: folder,
        emptyOutDir: false,
        target: 'es2022',
        lib: { entry: source, formats: ['es'], fileName: () => name },
      },
    })
    expect(await importTrapped(join(folder, name))).toBe('imported')
  },
)

it.each(TRAPPED)('a file that looks at %s is found out', async (name) => {
  const file = join(folder, 'looks.mjs')
  await writeFile(file, `export const found = typeof ${name}\n`)
  expect(await importTrapped(file)).toContain(`touched ${name}`)
})
