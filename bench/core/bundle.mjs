import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** As a page's bundler would do it. The core is the built one, since that is what users get. */
export const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  logLevel: 'error',
  alias: { '@rivulet/core': here('../../packages/core/dist/index.js') },
}

/** The text of a module of this folder, with all it imports. */
export async function bundle(entry) {
  const { outputFiles } = await build({ ...OPTIONS, entryPoints: [here(entry)], external: ['node:*'] })
  return outputFiles[0].text
}
