import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'
import type { DemoInfo } from './demo-info.ts'
import { pageHeaders } from './page-headers.ts'

/** What the app is made of. */
export interface DemoParts {
  /** Answers everything under `/v1/`. */
  readonly relay: { fetch(request: Request): Response | Promise<Response> }
  readonly info: DemoInfo
  /** Where the page was built. */
  readonly pageFolder: string
  /** Where the script-tag bundle was built. */
  readonly scriptFolder: string
}

/** Sets headers on an answer that found something. */
function withHeaders(headers: (path: string) => Readonly<Record<string, string>>): MiddlewareHandler {
  return async (context, next) => {
    await next()
    if (!context.res.ok) return
    for (const [name, value] of Object.entries(headers(context.req.path))) context.header(name, value)
  }
}

/** Any page may load the script; the relay decides which of them may stream. */
const forAnyPage = withHeaders(() => ({
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
}))

/** What Vite puts under `/assets/` has a hash of its content in its name. */
const cached = withHeaders((path) => ({
  'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
}))

/** One app for everything: relay, page, what the page asks for, and the script for other people's pages. */
export function createDemoApp({ relay, info, pageFolder, scriptFolder }: DemoParts): Hono {
  const app = new Hono()
  app.all('/v1/*', (context) => relay.fetch(context.req.raw))
  // rivulet.js, its chunks beside it, and their source maps.
  app.get('/:file{[\\w.-]+\\.js(\\.map)?}', forAnyPage, serveStatic({ root: scriptFolder }))
  app.use(pageHeaders())
  app.get('/demo.json', (context) => context.json(info, 200, { 'cache-control': 'no-store' }))
  app.get('*', cached, serveStatic({ root: pageFolder }))
  app.notFound((context) => context.text('There is nothing here. The page is at /\n', 404))
  return app
}
