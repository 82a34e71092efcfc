import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toRequest } from './to-request.ts'
import type { RequestDialect, RequestMessage } from './to-request.ts'
import type { FilePart, Message, Part, ToolPart } from './types.ts'

type Json = Record<string, unknown>

const DIALECTS: readonly RequestDialect[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'ollama',
]

const answerOf = (parts: Part[], status: Message['status'] = 'done'): Message => ({
  id: 'msg_1',
  role: 'assistant',
  parts,
  status,
})

const call = (changes: Partial<ToolPart> = {}): ToolPart => ({
  type: 'tool',
  toolCallId: 'call_1',
  toolName: 'weather',
  state: 'output-available',
  inputText: '{}',
  input: {},
  output: 'sun',
  ...changes,
})

const ask: RequestMessage = { role: 'user', content: 'Well?' }

/** The list of a body that holds its messages, whatever its name. */
const listOf = (body: Json): Json[] => (body['messages'] ?? body['input'] ?? body['contents']) as Json[]
const bodyOf = (dialect: RequestDialect, ...messages: RequestMessage[]): string =>
  JSON.stringify(toRequest(messages, { dialect }))

describe('toRequest', () => {
  it('speaks OpenAI Chat unless told otherwise', () => {
    expect(toRequest([ask])).toEqual(toRequest([ask], { dialect: 'openai-chat' }))
  })

  it('lets a chat go on with another provider: each gets back its own metadata and no one else’s', () => {
    const conversation: RequestMessage[] = [
      ask,
      answerOf([
        { type: 'reasoning', text: 'Hm.', providerMetadata: { anthropic: { signature: 'of-anthropic' } } },
        call({ toolCallId: 'toolu_1' }),
        { type: 'text', text: 'By Claude.' },
      ]),
      ask,
      answerOf([
        {
          type: 'reasoning',
          text: '',
          providerMetadata: { openai: { itemId: 'rs_1', encryptedContent: 'of-openai' } },
        },
        { type: 'text', text: 'By GPT.' },
      ]),
      ask,
      answerOf([
        call({ toolCallId: 'call_1', providerMetadata: { google: { thoughtSignature: 'of-google' } } }),
        { type: 'text', text: 'By Gemini.' },
      ]),
      ask,
    ]
    const secretsOf = (dialect: RequestDialect): string[] =>
      bodyOf(dialect, ...conversation).match(/of-\w+/g) ?? []
    expect(Object.fromEntries(DIALECTS.map((dialect) => [dialect, secretsOf(dialect)]))).toEqual({
      'openai-chat': [],
      'openai-responses': ['of-openai'],
      'anthropic-messages': ['of-anthropic'],
      gemini: ['of-google'],
      ollama: [],
    })
    for (const dialect of DIALECTS)
      expect(bodyOf(dialect, ...conversation)).toMatch(/By Claude.*By GPT.*By Gemini/)
  })

  describe.each(DIALECTS)('in %s', (dialect) => {
    it.each(['aborted', 'error'] as const)('keeps the text of an answer with status %s', (status) => {
      const parts: Part[] = [
        { type: 'text', text: 'The answer i' },
        call({ state: 'input-streaming', inputText: '{"ci', input: undefined, output: undefined }),
      ]
      const body = bodyOf(dialect, ask, answerOf(parts, status), ask)
      expect(body).toContain('The answer i')
      expect(body).not.toContain('weather')
    })

    it('answers a call that nobody answered', () => {
      const body = bodyOf(
        dialect,
        ask,
        answerOf([call({ state: 'input-available', output: undefined })]),
        ask,
      )
      expect(body).toContain('The tool was not run.')
    })

    it('sends arguments that are not JSON as they are, and says so', () => {
      const invalid = call({
        state: 'input-available',
        input: '{"city":',
        invalid: true,
        output: undefined,
      })
      const body = bodyOf(dialect, ask, answerOf([invalid]))
      expect(body).toMatch(/"input\\*":\\*"\{/)
      expect(body).toContain('The arguments are not JSON. The tool was not run.')
    })

    it('sends what the app has set as output, whatever the state', () => {
      const body = bodyOf(dialect, ask, answerOf([call({ state: 'input-available', output: 'by the app' })]))
      expect(body).toContain('by the app')
      expect(body).not.toContain('not run')
    })

    it('leaves out messages and parts that say nothing', () => {
      const nothing = answerOf([
        { type: 'text', text: ' \n' },
        { type: 'source', source: { url: 'https://example.com' } },
        { type: 'data', name: 'chart', data: { secret: 1 } },
      ])
      const messages = [ask, nothing, answerOf([]), { role: 'system', content: '' } as const]
      expect(bodyOf(dialect, ...messages)).toBe(bodyOf(dialect, ask))
    })

    it('sends a refusal as what the model said', () => {
      expect(bodyOf(dialect, ask, answerOf([{ type: 'refusal', text: 'I will not.' }]), ask)).toContain(
        'I will not.',
      )
    })

    it('leaves out what another provider ran itself', () => {
      const search = call({ providerExecuted: true, toolName: 'web_search' })
      expect(bodyOf(dialect, ask, answerOf([search, { type: 'text', text: 'Found.' }]))).toBe(
        bodyOf(dialect, ask, answerOf([{ type: 'text', text: 'Found.' }])),
      )
    })

    it('sends a text file as text', () => {
      const url = `data:text/plain;charset=utf-8;base64,${btoa('gr\u00c3\u00bcn')}`
      const parts: Part[] = [{ type: 'file', url, mediaType: 'text/plain', filename: 'a.txt' }]
      expect(bodyOf(dialect, { role: 'user', parts })).toContain('a.txt:\\n\\ngrün')
    })

    it('merges what the API knows beyond this, into objects that are there', () => {
      const extra = {
        stream_options: { include_obfuscation: false },
        generationConfig: { thinkingConfig: {} },
        options: { num_ctx: 9 },
        seed: 1,
        stream: undefined,
        constructor: 'mine',
      }
      const body = toRequest([ask], { dialect, temperature: 0.5, extra })
      expect(body).toMatchObject({ seed: 1, constructor: 'mine' })
      expect(body).not.toHaveProperty('stream')
      const [nested, own] = {
        'openai-chat': ['stream_options', { include_usage: true, include_obfuscation: false }],
        'openai-responses': ['temperature', 0.5],
        'anthropic-messages': ['temperature', 0.5],
        gemini: ['generationConfig', { temperature: 0.5, thinkingConfig: {} }],
        ollama: ['options', { temperature: 0.5, num_ctx: 9 }],
      }[dialect] as [string, unknown]
      expect(body[nested]).toEqual(own)
    })

    it('says nothing of a choice among no tools', () => {
      const body = JSON.stringify(toRequest([ask], { dialect, tools: [], toolChoice: 'auto' }))
      expect(body).not.toMatch(/tool/i)
    })
  })

  it('begins a longer conversation as the shorter one, so that a prompt cache holds', () => {
    const messages = [ask, answerOf([call({ toolCallId: 'a b' })]), answerOf([call({ toolCallId: 'a_b' })])]
    for (const dialect of DIALECTS) {
      const shorter = listOf(toRequest(messages, { dialect }))
      const longer = listOf(toRequest([...messages, answerOf([call({ toolCallId: 'a_b' })])], { dialect }))
      expect(longer.slice(0, shorter.length)).toEqual(shorter)
      expect(longer.length).toBeGreaterThan(shorter.length)
    }
  })

  it.each<[string, unknown, RegExp]>([
    [
      'a role that does not exist',
      { role: 'tool', content: 'x' },
      /messages\[0\]\.role is "tool": it must be "user"/,
    ],
    ['no message', null, /messages\[0\]\.role is undefined/],
    ['content that is a list', { role: 'user', content: [] }, /messages\[0\] has neither parts/],
    [
      'a file that only this page can read',
      { role: 'user', parts: [{ type: 'file', url: 'blob:https://example.com/1', mediaType: 'image/png' }] },
      /"blob:https:\/\/example\.com\/1" is neither.*readAsDataURL/,
    ],
    [
      'a data: URL that is not base64',
      {
        role: 'user',
        parts: [{ type: 'file', url: 'data:image/svg+xml,<svg>', mediaType: 'image/svg+xml' }],
      },
      /data: in base64/,
    ],
    [
      'a text that is not base64',
      { role: 'user', parts: [{ type: 'file', url: 'data:text/plain;base64,a', mediaType: 'text/plain' }] },
      /not base64/,
    ],
  ])('refuses %s', (_, message, words) => {
    for (const dialect of DIALECTS) {
      const build = (): unknown => toRequest([message as RequestMessage], { dialect })
      expect(build).toThrow(TypeError)
      expect(build).toThrow(words)
    }
  })

  it.each(['openai', 'constructor', '__proto__'])(
    'refuses the dialect %s, and names those there are',
    (dialect) => {
      expect(() => toRequest([], { dialect: dialect as RequestDialect })).toThrow(
        /There is no dialect ".+": it must be one of openai-chat, .*ollama\./,
      )
    },
  )
})

/** Anything that a stream may have left in a message, and an app in a store. */
const metadata = fc.option(
  fc.record(
    {
      anthropic: fc.record(
        {
          signature: fc.string(),
          redactedData: fc.string(),
          type: fc.constantFrom('server_tool_use', 'mcp_tool_use', 'other'),
          resultType: fc.constantFrom('web_search_tool_result', 7),
        },
        { requiredKeys: [] },
      ),
      openai: fc.record(
        { itemId: fc.string(), encryptedContent: fc.string(), type: fc.constant('custom_tool_call') },
        { requiredKeys: [] },
      ),
      google: fc.record({ thoughtSignature: fc.string() }, { requiredKeys: [] }),
      openrouter: fc.record({ reasoning_details: fc.array(fc.object()) }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
)

const words = fc.oneof(fc.string(), fc.constantFrom('', ' ', '\n\n', 'word '))
const image: FilePart = { type: 'file', url: 'data:image/png;base64,aaaa', mediaType: 'image/png' }

const part = fc.oneof(
  fc.record({
    type: fc.constantFrom('text', 'text', 'reasoning', 'refusal'),
    text: words,
    providerMetadata: metadata,
  }),
  fc.record({
    type: fc.constant('tool'),
    toolCallId: fc.oneof(
      fc.constantFrom('', 'call_1', 'a-b', 'a_b', 'srvtoolu_1', 'x'.repeat(99)),
      fc.string(),
    ),
    toolName: fc.constantFrom('weather', 'web_search', ''),
    state: fc.constantFrom('input-streaming', 'input-available', 'output-available', 'output-error'),
    inputText: fc.string(),
    input: fc.option(fc.jsonValue(), { nil: undefined }),
    output: fc.option(fc.jsonValue(), { nil: undefined }),
    invalid: fc.boolean(),
    isError: fc.boolean(),
    providerExecuted: fc.boolean(),
    providerMetadata: metadata,
  }),
  fc.constantFrom(
    { type: 'source', source: { id: 'a' } },
    { type: 'data', name: 'a', data: 1 },
    image,
    null,
    7,
    {
      type: 'unknown',
    },
  ),
)

const message = fc.oneof(
  fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: words }),
  fc.record({
    role: fc.constantFrom('user', 'assistant', 'assistant', 'assistant', 'system'),
    parts: fc.array(part, { maxLength: 8 }),
    rawFinishReason: fc.constantFrom(undefined, 'pause_turn'),
  }),
) as unknown as fc.Arbitrary<RequestMessage>

const typesOf = (blocks: Json[]): string[] => blocks.map((block) => String(block['type']))
const isUnique = (ids: readonly unknown[]): boolean => new Set(ids).size === ids.length

function checkRoles(messages: Json[], model: string): void {
  messages.forEach(({ role }, index) => expect(role).toBe(index % 2 ? model : 'user'))
}

/** The rules of each API, as its documentation and its errors say them. */
const RULES: Readonly<Record<RequestDialect, (body: Json) => void>> = {
  'openai-chat'(body) {
    const messages = listOf(body)
    const ids: unknown[] = []
    messages.forEach(({ role, content, tool_calls: calls = [], tool_call_id: id }, index) => {
      if (role === 'tool') {
        expect(typeof content).toBe('string')
        let first = index - 1
        while (messages[first]?.['role'] === 'tool') first--
        const open = messages[first]?.['tool_calls'] as Json[]
        expect(open[index - first - 1]?.['id']).toBe(id)
        return
      }
      const own = (calls as Json[]).map((each) => each['id'])
      ids.push(...own)
      if (own.length === 0) expect(content).toBeTruthy()
      const results = messages.slice(index + 1, index + 1 + own.length)
      expect(results.map((each) => each['tool_call_id'])).toEqual(own)
      for (const each of calls as { function: { name: string; arguments: string } }[]) {
        expect(each.function.name).not.toBe('')
        expect(JSON.parse(each.function.arguments)).toBeTypeOf('object')
      }
    })
    expect(isUnique(ids)).toBe(true)
    for (const id of ids) expect(id).toMatch(/^[\w.:-]{1,40}$/)
  },
  'openai-responses'(body) {
    const items = listOf(body)
    const calls = items.filter(({ type }) => /tool_call$|function_call$/.test(String(type)))
    const results = items.filter(({ type }) => String(type).endsWith('_output'))
    expect(results.map((each) => each['call_id'])).toEqual(calls.map((each) => each['call_id']))
    expect(isUnique(calls.map((each) => each['call_id']))).toBe(true)
    items.forEach((item, index) => {
      const next = items[index + 1]
      if (item['type'] === 'reasoning') {
        expect(item['encrypted_content']).toBeTruthy()
        const after = items.slice(index).find(({ type }) => type !== 'reasoning')
        expect(after?.['role'] ?? after?.['type']).toMatch(/assistant|_call$/)
      } else if (String(item['type']).endsWith('_call')) {
        expect(item['call_id']).toMatch(/^[\w.:-]{1,64}$/)
        expect(next?.['type']).toMatch(/_call(_output)?$/)
      } else if (String(item['type']).endsWith('_output')) expect(item['output']).toBeTypeOf('string')
      else expect(String(item['content']).trim()).not.toBe('')
    })
  },
  'anthropic-messages'(body) {
    const messages = listOf(body) as { role: string; content: Json[] }[]
    checkRoles(messages as unknown as Json[], 'assistant')
    const ids: unknown[] = []
    messages.forEach(({ role, content }, index) => {
      expect(content.length).toBeGreaterThan(0)
      const uses = content.filter(({ type }) => type === 'tool_use')
      const next = messages[index + 1]?.content ?? []
      expect(next.slice(0, uses.length).map((block) => block['tool_use_id'])).toEqual(
        uses.map(({ id }) => id),
      )
      expect(next.filter(({ type }) => type === 'tool_result')).toHaveLength(uses.length)
      content.forEach((block) => {
        const type = String(block['type'])
        if (type === 'text') expect(String(block['text']).trim()).not.toBe('')
        if (type === 'thinking') expect(block['signature']).toBeTruthy()
        if (type.endsWith('tool_use')) {
          ids.push(block['id'])
          expect(block['id']).toMatch(type === 'server_tool_use' ? /^srvtoolu_\w+$/ : /^[\w-]+$/)
          expect(Array.isArray(block['input'])).toBe(false)
          expect(block['input']).toBeTypeOf('object')
        }
        // Those of a pause are at the very end.
        if (/^(server|mcp)_tool_use$/.test(type) && index < messages.length - 1) {
          expect(content.some((each) => each['tool_use_id'] === block['id'])).toBe(true)
        }
      })
      if (role === 'assistant') expect(typesOf(content).at(-1)).not.toMatch(/thinking$/)
    })
    expect(isUnique(ids)).toBe(true)
    const last = messages.at(-1)
    const end = last?.role === 'assistant' ? last.content.at(-1)?.['text'] : undefined
    if (typeof end === 'string') expect(end).toBe(end.trimEnd())
    expect(body['max_tokens']).toBeTypeOf('number')
  },
  gemini(body) {
    const contents = listOf(body) as { role: string; parts: Json[] }[]
    checkRoles(contents as unknown as Json[], 'model')
    contents.forEach(({ role, parts }, index) => {
      expect(parts.length).toBeGreaterThan(0)
      for (const { text, thoughtSignature } of parts) {
        if (text !== undefined && !thoughtSignature) expect(String(text).trim()).not.toBe('')
      }
      const named = (list: Json[], key: string): unknown[] =>
        list.flatMap((each) => (each[key] ? [(each[key] as Json)['name']] : []))
      const calls = named(parts, 'functionCall')
      if (role === 'model') {
        const next = contents[index + 1]?.parts ?? []
        expect(named(next.slice(0, calls.length), 'functionResponse')).toEqual(calls)
        expect(named(next, 'functionResponse')).toHaveLength(calls.length)
        const first = parts.find((each) => each['functionCall'])
        if (first) expect(first['thoughtSignature']).toBeTruthy()
      } else expect(calls).toEqual([])
      for (const { functionResponse } of parts) {
        const { response } = (functionResponse ?? { response: {} }) as { response: unknown }
        expect(response).toBeTypeOf('object')
        expect(response).not.toBeNull()
        expect(Array.isArray(response)).toBe(false)
      }
    })
    expect(body).not.toHaveProperty('model')
  },
  ollama(body) {
    const messages = listOf(body)
    let open: unknown[] = []
    for (const { role, content, images, tool_calls: calls = [], tool_name: name } of messages) {
      expect(content).toBeTypeOf('string')
      if (role === 'tool') expect(open.shift()).toBe(name)
      else {
        expect(open).toEqual([])
        open = (calls as { function: Json }[]).map((each) => each.function['name'])
        if (open.length === 0 && !images) expect(content).not.toBe('')
        for (const each of calls as { function: Json }[]) {
          expect(each.function['arguments']).toBeTypeOf('object')
          expect(Array.isArray(each.function['arguments'])).toBe(false)
        }
      }
    }
    expect(open).toEqual([])
  },
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}

describe.each(DIALECTS)('toRequest for any messages, in %s', (dialect) => {
  it('keeps the rules of the API, changes nothing that it was given, and is JSON', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
        const body = toRequest(freeze(messages), { dialect })
        const json = JSON.parse(JSON.stringify(body)) as Json
        RULES[dialect](json)
        expect(toRequest(messages, { dialect })).toEqual(body)
      }),
      { numRuns: 250 },
    )
  })
})
