import { AGUIMock, LLMock } from '@copilotkit/aimock'
import { messageText, streamMessage, toRequest } from '@rivulet/core'
import type { Message, MessageDelta, MessageStream, RequestMessage, RequestTool } from '@rivulet/core'
import { createRelay } from '@rivulet/relay'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// A server of other people's that speaks these protocols, over a real socket: each once direct and once by the relay.

const SAID = 'Grüße aus Köln 🙂: the sky is blue because air scatters.'
const tools: RequestTool[] = [
  {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
]

const user = (content: string): RequestMessage[] => [{ role: 'user', content }]
const chat = (content: string): object => toRequest(user(content), { model: 'gpt-4.1', tools })
const plain = (content: string): object => ({ model: 'm', messages: user(content), stream: true })

interface Protocol {
  readonly dialect: string
  /** What belongs to the upstream's base URL, and what follows it. */
  readonly base: string
  readonly path: string
  readonly body: (prompt: string) => object
  /** The mock sends reasoning as text there. */
  readonly noReasoning?: true
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'OpenAI Chat': { dialect: 'openai-chat', base: '/v1', path: '/v1/chat/completions', body: chat },
  'Azure Chat': {
    dialect: 'openai-chat',
    base: '/openai/deployments/gpt-4.1',
    path: '/v1/chat/completions',
    body: chat,
  },
  'OpenAI Responses': {
    dialect: 'openai-responses',
    base: '/v1',
    path: '/v1/responses',
    body: (content) => toRequest(user(content), { dialect: 'openai-responses', model: 'gpt-4.1', tools }),
  },
  'Anthropic Messages': {
    dialect: 'anthropic-messages',
    base: '/v1',
    path: '/v1/messages',
    body: (content) =>
      toRequest(user(content), { dialect: 'anthropic-messages', model: 'claude-sonnet-4-5', tools }),
  },
  Gemini: {
    dialect: 'gemini',
    base: '/v1beta',
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    body: (content) => toRequest(user(content), { dialect: 'gemini', tools }),
  },
  Ollama: {
    dialect: 'ollama',
    base: '/api',
    path: '/api/chat',
    body: (content) => toRequest(user(content), { dialect: 'ollama', model: 'llama3', tools }),
  },
  'Cohere v2': { dialect: 'cohere-v2', base: '/v2', path: '/v2/chat', body: plain, noReasoning: true },
}

let mock: LLMock
let origin: string
beforeAll(async () => {
  mock = new LLMock({ host: '127.0.0.1', port: 0, logLevel: 'silent', chunkSize: 7 })
  const about = (word: string) => (request: { messages: readonly { content?: unknown }[] }) =>
    JSON.stringify(request.messages.at(-1)?.content ?? '').includes(word)
  mock.addFixtures([
    {
      match: { predicate: about('weather') },
      response: { toolCalls: [{ name: 'get_weather', arguments: '{"city":"Köln"}' }] },
    },
    { match: { predicate: about('think') }, response: { content: SAID, reasoning: 'Rayleigh, I think.' } },
    { match: { predicate: () => true }, response: { content: SAID } },
  ])
  origin = await mock.start()
})
afterAll(() => mock.stop())

interface Answer {
  readonly message: Message
  readonly deltas: readonly MessageDelta[]
}

async function askAt(path: string, body: object): Promise<Answer> {
  const deltas: MessageDelta[] = []
  const onDelta = (delta: MessageDelta): void => void deltas.push(delta)
  return { message: await streamMessage(origin + path, { body, onDelta }).finished, deltas }
}

async function ask(protocol: Protocol, prompt: string, how: string): Promise<Answer> {
  const below = protocol.path.slice(protocol.path.indexOf('/', 1))
  const body = protocol.body(prompt)
  if (how === 'direct') return askAt(protocol.base + below, body)
  const deltas: MessageDelta[] = []
  const onDelta = (delta: MessageDelta): void => void deltas.push(delta)
  const relay = createRelay({ upstream: { baseUrl: origin + protocol.base }, authorize: false })
  const message = await streamMessage(`http://relay.test/llm${protocol.path}`, {
    body,
    onDelta,
    fetch: (input, init) => relay.fetch(new Request(input, init)),
  }).finished
  await relay.close()
  return { message, deltas }
}

for (const [name, protocol] of Object.entries(PROTOCOLS)) {
  describe.each(['direct', 'by the relay'])(`${name}, %s`, (how) => {
    it('streams text, told by its records alone', async () => {
      const { message, deltas } = await ask(protocol, 'Why is the sky blue?', how)
      expect(messageText(message)).toBe(SAID)
      expect(message).toMatchObject({ status: 'done', finishReason: 'stop' })
      expect(deltas[0]).toMatchObject({ type: 'start', dialect: protocol.dialect })
      expect(deltas.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(3)
    })

    it('asks for a tool', async () => {
      const { message } = await ask(protocol, 'How is the weather?', how)
      expect(message).toMatchObject({ status: 'done', finishReason: 'tool-calls' })
      expect(message.parts.filter(({ type }) => type === 'tool')).toMatchObject([
        { type: 'tool', toolName: 'get_weather', state: 'input-available', input: { city: 'Köln' } },
      ])
    })

    if (protocol.noReasoning) return
    it('tells reasoning from text', async () => {
      const { message } = await ask(protocol, 'Please think.', how)
      expect(messageText(message)).toBe(SAID)
      const reasoning = message.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
      expect(reasoning).toBe('Rayleigh, I think.')
    })
  })
}

describe('direct alone', () => {
  it('Ollama generate', async () => {
    const body = { model: 'llama3', prompt: 'Why is the sky blue?', stream: true }
    const { message, deltas } = await askAt('/api/generate', body)
    expect(messageText(message)).toBe(SAID)
    expect(deltas[0]).toMatchObject({ dialect: 'ollama' })
  })

  it('Gemini without alt=sse, one JSON array in pieces or whole', async () => {
    const body = toRequest(user('Why is the sky blue?'), { dialect: 'gemini' })
    const { message } = await askAt('/v1beta/models/gemini-2.5-flash:streamGenerateContent', body)
    expect(messageText(message)).toBe(SAID)
  })

  it('Gemini Interactions', async () => {
    const body = { model: 'gemini-2.5-flash', input: 'Why is the sky blue?', stream: true }
    const { message, deltas } = await askAt('/v1beta/interactions', body)
    expect(messageText(message)).toBe(SAID)
    expect(deltas[0]).toMatchObject({ dialect: 'gemini-interactions' })
  })

  it('a completion that is not streamed', async () => {
    const body = { model: 'gpt-4.1', messages: user('Why is the sky blue?') }
    const { message } = await askAt('/v1/chat/completions', body)
    expect(message).toMatchObject({ status: 'done', finishReason: 'stop' })
    expect(messageText(message)).toBe(SAID)
  })

  it("Bedrock's binary stream is refused by its name", async () => {
    const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: user('Why?') }
    await expect(askAt('/model/anthropic.claude-v2/invoke-with-response-stream', body)).rejects.toMatchObject(
      {
        code: 'content-type',
        message: expect.stringContaining('Bedrock'),
      },
    )
  })

  it('AG-UI', async () => {
    const agent = new AGUIMock({ host: '127.0.0.1', port: 0 })
    agent.onToolCall('weather', 'get_weather', '{"city":"Köln"}', { result: '21 °C' })
    agent.onReasoning('think', 'Rayleigh, I think.')
    agent.onMessage(/./, SAID)
    const url = await agent.start()
    const run = (content: string): MessageStream =>
      streamMessage(url, {
        body: {
          threadId: 't',
          runId: 'r',
          state: {},
          messages: [{ id: 'm', role: 'user', content }],
          tools: [],
          context: [],
          forwardedProps: {},
        },
      })
    try {
      const message = await run('Why is the sky blue?').finished
      expect(messageText(message)).toBe(SAID)
      expect(message).toMatchObject({ status: 'done', finishReason: 'stop' })
      expect((await run('How is the weather?').finished).parts).toMatchObject([
        { toolName: 'get_weather', input: { city: 'Köln' }, output: '21 °C' },
      ])
      expect((await run('Please think.').finished).parts).toMatchObject([
        { type: 'reasoning', text: 'Rayleigh, I think.' },
      ])
    } finally {
      await agent.stop()
    }
  })
})

it('a conversation goes on with another provider', async () => {
  const { message } = await ask(PROTOCOLS['Anthropic Messages'] as Protocol, 'How is the weather?', 'direct')
  const parts = message.parts.map((part) =>
    part.type === 'tool' ? { ...part, output: { celsius: 21 } } : part,
  )
  const messages: RequestMessage[] = [
    ...user('How is the weather?'),
    { ...message, parts },
    { role: 'user', content: 'And why?' },
  ]
  for (const [path, options] of [
    ['/v1/chat/completions', { model: 'gpt-4.1' }],
    ['/v1/responses', { dialect: 'openai-responses', model: 'gpt-4.1' }],
    ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', { dialect: 'gemini' }],
    ['/api/chat', { dialect: 'ollama', model: 'llama3' }],
  ] as const) {
    const body = toRequest(messages, { ...options, tools })
    expect(messageText(await streamMessage(origin + path, { body }).finished), path).toBe(SAID)
  }
})
