import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const app = dirname(dirname(fileURLToPath(import.meta.url)))

/** The root of the repository, where `.env` lies. */
export const REPOSITORY: string = dirname(dirname(app))

/** Where Vite builds the page. */
export const PAGE_FOLDER: string = join(app, 'dist', 'page')

/** Where the script-tag bundle is built, `rivulet.js` and its chunks. */
export const SCRIPT_FOLDER: string = join(
  dirname(createRequire(import.meta.url).resolve('@rivulet/elements/package.json')),
  'dist',
  'script',
)

/** Throws an Error that says what to run when a file that the build makes is missing. */
export function expectBuilt(file: string): void {
  if (existsSync(file)) return
  throw new Error(`${file} is missing. Build everything first: npx -y pnpm@10 build`)
}
