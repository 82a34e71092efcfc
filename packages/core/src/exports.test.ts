import { expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import * as core from './index.ts'

it('exports these names and no others', () => {
  expect(Object.keys(core).sort()).toEqual([
    'StreamError',
    'createEventParser',
    'createJsonParser',
    'createTextParser',
    'estimateCost',
    'extractThinking',
    'messageText',
    'openaiChat',
    'readEvents',
    'readJsonLines',
    'recordStream',
    'replayStream',
    'streamEvents',
    'streamMessage',
    'toAnthropicMessagesRequest',
    'toGeminiRequest',
    'toOllamaRequest',
    'toOpenaiChatRequest',
    'toOpenaiResponsesRequest',
    'toRequest',
  ])
})

it('has an entry for each dialect, with that dialect and nothing else', async () => {
  const entries = import.meta.glob<Record<string, unknown>>(['./dialects/*.ts', '!./dialects/*.test.ts'])
  const internal = ['detect', 'find-dialect', 'is-openai-chat', 'json', 'langchain', 'openai-usage']
  const names = Object.keys(entries).map((path) => path.replace(/^.*\/|\.ts$/g, ''))
  for (const name of names.filter((each) => !internal.includes(each))) {
    const module = (await entries[`./dialects/${name}.ts`]?.()) ?? {}
    const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    expect(Object.keys(module), name).toEqual([camel])
    expect(module[camel]).toMatchObject({ name })
    expect(manifest.exports).toHaveProperty([`./dialects/${name}`])
  }
  const listed = Object.keys(manifest.exports).filter((entry) => entry.startsWith('./dialects/'))
  expect(listed).toHaveLength(names.length - internal.length)
})
