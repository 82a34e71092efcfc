import { once } from 'node:events'
import { createServer } from 'node:http'
import { Worker } from 'node:worker_threads'
import { chromium } from 'playwright'
import { CHROMIUM_ARGS, ensureChromium } from '../../scripts/chromium.mjs'
import { bundle } from './bundle.mjs'

/** Each `open()` gives an isolate of its own, here a thread: `call(method, ...args)` and `close()`. */
async function node() {
  const source = new URL(
    `data:text/javascript;base64,${Buffer.from(await bundle('worker-node.mjs')).toString('base64')}`,
  )
  return {
    name: `Node ${process.versions.node}`,
    async open() {
      const worker = new Worker(source)
      const waiting = new Map()
      worker.on('message', ({ id, result, error }) => {
        const { resolve, reject } = waiting.get(id)
        waiting.delete(id)
        if (error) reject(new Error(error))
        else resolve(result)
      })
      worker.on('error', (error) => {
        for (const { reject } of waiting.values()) reject(error)
      })
      let id = 0
      return {
        call: (method, ...args) =>
          new Promise((resolve, reject) => {
            waiting.set(++id, { resolve, reject })
            worker.postMessage({ id, method, args })
          }),
        close: () => worker.terminate(),
      }
    },
    close: async () => {},
  }
}

/** A server for a page and the worker that it starts. Isolated, a page has a clock of 5 µs rather than 100 µs. */
async function serve(script) {
  const server = createServer(({ url }, response) => {
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-embedder-policy', 'require-corp')
    response.setHeader('content-type', url === '/worker.js' ? 'text/javascript' : 'text/html')
    response.end(url === '/worker.js' ? script : '<!doctype html>')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

/** The same with the workers of a page. */
async function page() {
  const server = await serve(await bundle('worker-page.mjs'))
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: CHROMIUM_ARGS })
  const tab = await browser.newPage()
  await tab.goto(server.url)
  return {
    name: `Chromium ${browser.version()}`,
    async open() {
      const worker = await tab.evaluateHandle(() => new Worker('/worker.js', { type: 'module' }))
      return {
        call: (method, ...args) => worker.evaluate(askWorker, { method, args }),
        close: () => worker.evaluate((each) => each.terminate()),
      }
    },
    async close() {
      await browser.close()
      server.close()
    },
  }
}

/** Runs in the page. */
function askWorker(worker, message) {
  return new Promise((resolve, reject) => {
    const once = { once: true }
    worker.addEventListener(
      'error',
      (event) => reject(new Error(event.message || 'The worker did not load.')),
      once,
    )
    worker.addEventListener(
      'message',
      ({ data: { result, error } }) => (error ? reject(new Error(error)) : resolve(result)),
      once,
    )
    worker.postMessage(message)
  })
}

export const engines = { node, chromium: page }
