import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { OPTIONS } from './bundle.mjs'

/** What a user would import to read an event stream. */
const IMPORTS = [
  ['@rivulet/core', '{ readEvents, createEventParser }'],
  ['@rivulet/core', '{ streamEvents }'],
  ['@rivulet/core', '{ streamMessage }'],
  ['eventsource-parser', '{ createParser }'],
  ['eventsource-parser-3', '{ createParser }'],
  ['@microsoft/fetch-event-source', '{ fetchEventSource }'],
  ['eventsource-client', '{ createEventSource }'],
  ['parse-sse', '{ parseServerSentEvents }'],
  ['fetch-event-stream', '{ events }'],
  ['openai', '{ OpenAI }'],
]

/** What is imported only when it is needed is no part of what a page loads at first. */
const leaveLazyOut = {
  name: 'leave-lazy-out',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}

async function size(from, names) {
  const { outputFiles } = await build({
    ...OPTIONS,
    minify: true,
    plugins: [leaveLazyOut],
    stdin: {
      contents: `export ${names} from '${from}'`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

/** Bytes, minified and gzipped, of each import; one that its package does not have is left out. */
export async function sizes() {
  const core = await import(OPTIONS.alias['@rivulet/core'])
  const wanted = IMPORTS.filter(
    ([from, names]) => from !== '@rivulet/core' || names.match(/\w+/g).every((name) => name in core),
  )
  return Promise.all(wanted.map(async ([from, names]) => ({ from, names, bytes: await size(from, names) })))
}
