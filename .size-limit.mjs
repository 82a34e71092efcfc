// Budgets, min + gzip. What a page loads only in rare cases, by import(), is not part of what it loads at first.
const whenJsonComes = ['./json-parser.js']

/** As a bundler for the web would: ES modules, and what is imported later in a file of its own. */
const modifyEsbuildConfig = (config) => ({ ...config, format: 'esm' })

const entry = (name, path, names, limit, ignore) => ({
  name,
  path: `packages/${path}`,
  import: `{ ${names} }`,
  gzip: true,
  limit,
  modifyEsbuildConfig,
  ...(ignore && { ignore }),
})

const core = 'core/dist/index.js'

export default [
  entry(
    'core: the reader (readEvents, createEventParser)',
    core,
    'readEvents, createEventParser',
    '1.6 kB',
    whenJsonComes,
  ),
  entry('core: streamEvents, the loop over attempts', core, 'streamEvents', '5 kB', whenJsonComes),
  entry('core: streamMessage with the Chat dialect', core, 'streamMessage', '7.1 kB', whenJsonComes),
  entry(
    'store: createStream, with core and nanostores',
    'store/dist/index.js',
    'createStream',
    '8.4 kB',
    whenJsonComes,
  ),
  {
    name: 'elements: the script-tag entry, with all it loads at first',
    path: 'packages/elements/dist/script/rivulet.js',
    gzip: true,
    limit: '18.1 kB',
    disablePlugins: ['@size-limit/esbuild'],
  },
  entry(
    'core: createJsonParser, loaded when a server answers JSON',
    'core/dist/json-parser.js',
    'createJsonParser',
    '0.8 kB',
  ),
  entry(
    'core: fetchEventSource, on our reader',
    'core/dist/fetch-event-source.js',
    'fetchEventSource',
    '3.2 kB',
  ),
]
