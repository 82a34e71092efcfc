import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_ARGS, findChromium, HOW_TO_GET_CHROMIUM } from './scripts/chromium.mjs'
import { bundledWorkers } from './test/bundled-workers.ts'
import { sameOrigin } from './test/same-origin.ts'

interface Manifest {
  name: string
  exports?: Record<string, string | { default: string }>
}

/** Tests read the packages' sources, not what was last built: each entry of each package, mapped to its source. */
function sources(): Record<string, string> {
  const entries: [string, string][] = []
  for (const folder of readdirSync(new URL('packages', import.meta.url))) {
    const base = new URL(`packages/${folder}/`, import.meta.url)
    if (!existsSync(new URL('package.json', base))) continue
    const manifest = JSON.parse(readFileSync(new URL('package.json', base), 'utf8')) as Manifest
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target === 'string') continue
      const source = target.default.replace('./dist/', './src/').replace(/\.js$/, '.ts')
      entries.push([manifest.name + entry.slice(1), fileURLToPath(new URL(source, base))])
    }
  }
  // The longest first: '@rivulet/relay' is also the beginning of '@rivulet/relay/node'.
  return Object.fromEntries(entries.sort(([a], [b]) => b.length - a.length))
}

const chromium = await findChromium()
if (!chromium) throw new Error(`The browser tests need a Chromium and none was found. ${HOW_TO_GET_CHROMIUM}`)
process.env['CHROMIUM_PATH'] = chromium

const alias = sources()
const build = ['**/node_modules/**', '**/dist/**']

/** `x.test.ts` runs in Node and in Chromium, `x.node.test.ts` and `x.browser.test.ts` in one of them. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'node',
          include: ['{packages,apps,test}/**/*.test.ts'],
          exclude: [...build, '**/*.{browser,e2e}.test.ts', 'packages/elements/**'],
          environment: 'node',
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'happy-dom',
          include: ['packages/{store,elements}/**/*.test.ts'],
          exclude: [...build, '**/*.{browser,node}.test.ts'],
          environment: 'happy-dom',
        },
      },
      {
        resolve: { alias },
        plugins: [sameOrigin(), bundledWorkers()],
        optimizeDeps: { include: ['fast-check', 'lit', 'nanostores'] },
        test: {
          name: 'chromium',
          globalSetup: 'packages/testkit/test/start-script-server.ts',
          include: ['packages/**/*.test.ts'],
          exclude: [...build, '**/*.node.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: chromium, args: CHROMIUM_ARGS } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          include: ['**/*.e2e.test.ts'],
          exclude: build,
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
