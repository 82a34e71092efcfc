import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ServerResponse } from 'node:http'
import { build } from 'vite'
import type { Plugin } from 'vite'

type Format = 'es' | 'iife'

/** `/bundled-workers/es/read.js`: packages/core/test/workers/read.ts as a module; `iife`: as a classic script. */
const PATH = '/bundled-workers'
const folder = fileURLToPath(new URL('../packages/core/test/workers/', import.meta.url))

/** The files of a bundle, by name: the entry, and chunks that it imports when it runs. */
async function bundle(name: string, format: Format): Promise<Map<string, string>> {
  const built = await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      // In this mode nothing for pages is added to what is imported at run time.
      lib: { entry: `${folder}${name}.ts`, formats: [format], name: 'worker', fileName: () => `${name}.js` },
    },
  })
  const files = [built].flat().flatMap((result) => ('output' in result ? result.output : []))
  return new Map(files.map((file) => [file.fileName, 'code' in file ? file.code : '']))
}

/**
 * Serves core in workers as a bundler makes them of it: what is served file by file runs code of the test's own in
 * between, and a service worker may not import at run time.
 */
export function bundledWorkers(): Plugin {
  const bundles = new Map<string, Promise<Map<string, string>>>()
  async function serve(path: string, response: ServerResponse): Promise<void> {
    const [, format = '', file = ''] = path.replace(/\?.*/, '').split('/')
    const name = file.replace(/\.js$/, '')
    if (existsSync(`${folder}${name}.ts`) && !bundles.has(path)) {
      bundles.set(path, bundle(name, format as Format))
    }
    // A chunk is asked for after the entry that it came of.
    for (const [entry, files] of bundles) {
      const code = entry.startsWith(`/${format}/`) ? (await files).get(file) : undefined
      if (code === undefined) continue
      response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' })
      response.end(code)
      return
    }
    response.writeHead(404).end()
  }
  return {
    name: 'rivulet:bundled-workers',
    configureServer(server) {
      server.middlewares.use(PATH, (request, response) => {
        serve(request.url ?? '/', response).catch((error: unknown) =>
          response.writeHead(500).end(String(error)),
        )
      })
    },
  }
}
