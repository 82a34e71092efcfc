// Budgets, min + gzip. What a page loads only in rare cases, by import(), is not part of what it loads at first.
const DIALECTS = {
  'ag-ui': 'agUi',
  'ai-sdk-ui': 'aiSdkUi',
  'anthropic-messages': 'anthropicMessages',
  'cohere-v1': 'cohereV1',
  'cohere-v2': 'cohereV2',
  gemini: 'gemini',
  'gemini-interactions': 'geminiInteractions',
  langgraph: 'langgraph',
  langserve: 'langserve',
  ollama: 'ollama',
  'openai-completions': 'openaiCompletions',
  'openai-responses': 'openaiResponses',
  'plain-text': 'plainText',
}
const whenNeeded = [
  './body-parsers.js',
  './odd-bodies.js',
  './partial-json.js',
  './find-dialect.js',
  './dialects/find-dialect.js',
  ...Object.keys(DIALECTS).map((name) => `./${name}.js`),
]
/** What of a dialect is in core already, or has told it. */
const besideCore = ['./json.js', './openai-usage.js', './is-openai-chat.js', './detect.js']

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

// What the README states, in its order; then what docs/dialects.md does.
export default [
  entry(
    'core: the reader (readEvents, createEventParser)',
    core,
    'readEvents, createEventParser',
    '1.6 kB',
    whenNeeded,
  ),
  entry('core: streamEvents, the loop over attempts', core, 'streamEvents', '5.4 kB', whenNeeded),
  entry('core: streamMessage with the Chat dialect', core, 'streamMessage', '11.2 kB', whenNeeded),
  entry(
    'store: createStream, with core and nanostores',
    'store/dist/index.js',
    'createStream',
    '12.6 kB',
    whenNeeded,
  ),
  {
    name: 'elements: the script-tag entry, with all it loads at first',
    path: 'packages/elements/dist/script/rivulet.js',
    gzip: true,
    limit: '22.1 kB',
    disablePlugins: ['@size-limit/esbuild'],
  },
  entry('core: toRequest for OpenAI Chat alone', core, 'toOpenaiChatRequest', '2.8 kB'),
  entry(
    'core: fetchEventSource, on our reader',
    'core/dist/fetch-event-source.js',
    'fetchEventSource',
    '3.2 kB',
  ),
  entry(
    'core: what tells dialects apart, loaded when it is not OpenAI Chat',
    'core/dist/dialects/find-dialect.js',
    'findDialect',
    '1.4 kB',
    [...whenNeeded, './json.js', './is-openai-chat.js', '../errors.js'],
  ),
  ...Object.entries(DIALECTS).map(([name, dialect]) =>
    entry(
      `dialect: ${name}, beside core`,
      `core/dist/dialects/${name}.js`,
      dialect,
      // What LangChain's two share weighs more than all else: one message is told in many ways.
      name.startsWith('lang') ? '2.8 kB' : '1.5 kB',
      besideCore,
    ),
  ),
  {
    ...entry('dialect: all of them, beside core', '', '', '11.7 kB', besideCore),
    path: 'packages/core/dist/dialects/*.js',
    import: Object.fromEntries(
      Object.entries(DIALECTS).map(([name, dialect]) => [
        `packages/core/dist/dialects/${name}.js`,
        `{ ${dialect} }`,
      ]),
    ),
  },
  entry(
    'core: the parsers of JSON and text, loaded when a server answers them',
    'core/dist/body-parsers.js',
    'createJsonParser, createTextParser',
    '1.2 kB',
    ['./event-parser.js', './send.js'],
  ),
  entry(
    'core: partial arguments of tools, loaded with the first call',
    'core/dist/partial-json.js',
    'createPartialJson',
    '0.9 kB',
  ),
  entry('core: extractThinking', core, 'extractThinking', '0.8 kB'),
  entry('core: estimateCost', core, 'estimateCost', '0.4 kB'),
  entry('core: toRequest, for five APIs', core, 'toRequest', '5.4 kB'),
]
