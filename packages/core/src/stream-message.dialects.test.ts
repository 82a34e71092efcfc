import { bytesOf, chatChunk, chatEvent, chatEvents, createScriptedFetch, everySplit } from '@rivulet/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { anthropicMessages } from './dialects/anthropic-messages.ts'
import { createJsonParser as createAnyJsonParser, createTextParser } from './body-parsers.ts'
import { plainText } from './dialects/plain-text.ts'
import { createJsonParser } from './json-parser.ts'
import { messageText } from './message.ts'
import { streamMessage } from './stream-message.ts'
import type { DeltaTransform, Dialect, MessageDelta, MessageStream, StreamMessageInit } from './types.ts'

type Body = string | readonly (string | Uint8Array | Error)[]

function ask(body: Body, init: StreamMessageInit = {}, type = 'text/event-stream'): MessageStream {
  const chunks = typeof body === 'string' ? [body] : [...body]
  return streamMessage('https://x.example/', {
    fetch: createScriptedFetch({ headers: { 'content-type': type }, body: chunks }),
    ...init,
  })
}

/** What a stream ends with, in a line. */
const outcome = (stream: MessageStream): Promise<string> =>
  stream.finished.then(
    (message) => `${message.status}: ${messageText(message)}`,
    (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
  )

const start = { type: 'message_start', message: { id: 'm', role: 'assistant', content: [] } }
const block = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Bonjour' } }
const stop = { type: 'message_delta', delta: { stop_reason: 'end_turn' } }
const anthropic = [start, { type: 'ping' }, block, stop, { type: 'message_stop' }].map(chatEvent).join('')

afterEach(() => void vi.restoreAllMocks())

describe('the dialect', () => {
  it('is told by the first records, in every cutting', async () => {
    for (const { name, chunks } of everySplit(anthropic)) {
      expect(await outcome(ask(chunks)), name).toBe('done: Bonjour')
    }
  })

  it('stands in the start', async () => {
    const deltas: MessageDelta[] = []
    for await (const delta of ask(anthropic)) deltas.push(delta)
    expect(deltas[0]).toMatchObject({ type: 'start', dialect: 'anthropic-messages' })
  })

  it('may be told late: what came before is not lost', async () => {
    const body = [{ type: 'ping' }, {}, 7, null, start, block, stop].map(chatEvent).join('')
    expect(await outcome(ask(body))).toBe('done: Bonjour')
  })

  it('can be given, and then nothing is guessed', async () => {
    expect(await outcome(ask(anthropic, { dialect: anthropicMessages }))).toBe('done: Bonjour')
    expect(await outcome(ask(chatEvents('Hi').join(''), { dialect: anthropicMessages }))).toBe('done: ')
  })

  it('that is bound is taken instead of an import', async () => {
    const open = vi.fn(anthropicMessages.open)
    const bound: Dialect = { ...anthropicMessages, open }
    expect(await outcome(ask(anthropic, { dialects: [bound] }))).toBe('done: Bonjour')
    expect(open).toHaveBeenCalledOnce()
  })

  it('of the caller is asked first', async () => {
    const own: Dialect = {
      name: 'own',
      detect: (record) => 'token' in record,
      open: (write) => ({
        read({ token, last }) {
          write.text('text', token)
          if (last) write.finish('stop')
        },
      }),
    }
    const body = [{ hello: 1 }, { token: 'a' }, { token: 'b', last: true }].map(chatEvent).join('')
    expect(await outcome(ask(body, { dialects: [own] }))).toBe('done: ab')
    expect(await outcome(ask(chatEvents('Hi').join(''), { dialects: [own] }))).toBe('done: Hi')
  })

  it('of the caller that throws ends the stream with a typed error, what came before it kept', async () => {
    const own: Dialect = {
      name: 'own',
      open: (write) => ({
        read({ token }) {
          if (!token) throw new TypeError('no token')
          write.text('text', token)
        },
      }),
    }
    const stream = ask([{ token: 'a' }, {}].map(chatEvent).join(''), { dialect: own })
    await expect(stream.finished).rejects.toMatchObject({ code: 'protocol', cause: { message: 'no token' } })
    expect(messageText(stream.message)).toBe('a')
  })

  it('that is not known is said, with the record', async () => {
    const body = chatEvent({ answer: 'x' })
    await expect(ask(body).finished).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringMatching(/dialect.*\{"answer":"x"\}/),
      body: '{"answer":"x"}',
    })
  })

  it('is not waited for without end', async () => {
    let taken = 0
    const body = (function* () {
      for (;;) {
        taken++
        yield bytesOf(chatEvent({ beat: taken }))
      }
    })()
    const fetch = async (): Promise<Response> =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(body.next().value as Uint8Array) }),
        { headers: { 'content-type': 'text/event-stream' } },
      )
    expect(await outcome(streamMessage('https://x.example/', { fetch }))).toMatch(/^protocol/)
    expect(taken).toBeLessThan(300)
    expect(await outcome(ask([chatEvent('x'.repeat(10)), chatEvent({ big: 'x'.repeat(2 ** 21) })]))).toMatch(
      /^done|^protocol/,
    )
  })

  it('is what the payload says, not the content type or the event', async () => {
    expect(await outcome(ask(`event: response.created\n${chatEvents('Hi').join('')}`))).toBe('done: Hi')
    const lines = [start, block, stop].map((record) => `${JSON.stringify(record)}\n`).join('')
    expect(await outcome(ask(lines, {}, 'application/x-ndjson'))).toBe('done: Bonjour')
  })

  it('MCP is refused by its name', async () => {
    const body = chatEvent({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'x' }] } })
    expect(await outcome(ask(body))).toMatch(/^protocol: .*MCP/)
  })

  it.each([
    ['application/vnd.amazon.eventstream', /Bedrock/],
    ['application/vnd.ag-ui.event+proto', /AG-UI/],
  ])('%s is refused by its name', async (type, name) => {
    expect(await outcome(ask('\0\0', {}, type))).toMatch(/^content-type/)
    expect(await outcome(ask('\0\0', {}, type))).toMatch(name)
  })
})

describe('an event', () => {
  it('is parsed once', async () => {
    const pieces = Array.from({ length: 200 }, (_, i) => `${i} `)
    const parse = vi.spyOn(JSON, 'parse')
    await ask(chatEvents(...pieces).join('')).finished
    // One for each but [DONE].
    expect(parse).toHaveBeenCalledTimes(202)
  })

  it('may hold two records', async () => {
    const [first, second, ...rest] = chatEvents('a', 'b') as [string, string, ...string[]]
    const glued = `data: ${first.slice(6).trim()}${second.slice(6)}`
    expect(await outcome(ask([glued, ...rest]))).toBe('done: ab')
    const lines = `data: ${first.slice(6).trim()}\n${second}`
    expect(await outcome(ask([lines, ...rest]))).toBe('done: ab')
  })

  it('that is not JSON ends the stream, once it is known to be JSON', async () => {
    const stream = ask([...chatEvents('kept').slice(0, 2), 'data: {"choices":[{]\n\n', 'data: [DONE]\n\n'])
    expect(await outcome(stream)).toMatch(/^protocol: An event is not JSON/)
    expect(messageText(stream.message)).toBe('kept')
  })

  it('that is broken JSON from the start is no text', async () => {
    expect(await outcome(ask('data: {"id": "chatcmpl-1", "object":\n\n'))).toMatch(/^protocol/)
  })

  it('that is empty or no object is skipped', async () => {
    const odd = ['data:\n\n', 'data: null\n\n', 'data: 7\n\n', 'data: "x"\n\n', 'data: true\n\n']
    const body = chatEvents('a', 'b').flatMap((event) => [...odd.slice(0, 2), event, ...odd])
    expect(await outcome(ask(['data: null\n\n', ...body.slice(2)]))).toBe('done: ab')
  })
})

describe('not a stream', () => {
  const completion = {
    ...chatChunk({}),
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Whole' }, finish_reason: 'stop' }],
  }
  const page = '<!doctype html>\n<html><head><title> 502\n Bad Gateway </title></head></html>\n'

  it.each(['application/json', 'text/event-stream'])(
    'a whole completion as %s is one message',
    async (type) => {
      for (const text of [JSON.stringify(completion), JSON.stringify(completion, null, 2)]) {
        for (const { name, chunks } of everySplit(text)) {
          expect(await outcome(ask(chunks, {}, type)), name).toBe('done: Whole')
        }
      }
    },
  )

  it('a whole completion has its usage, too', async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    const text = JSON.stringify({ ...completion, usage })
    expect(await ask(text, {}, 'application/json').finished).toMatchObject({ usage: { totalTokens: 3 } })
  })

  it.each(['text/html', 'text/event-stream', 'application/json'])('a page as %s', async (type) => {
    const stream = ask(page, {}, type)
    await expect(stream.finished).rejects.toMatchObject({ code: 'content-type' })
    if (type !== 'application/json') expect(stream.message.error?.message).toMatch(/502 Bad Gateway/)
  })

  it.each(['application/json', 'text/event-stream'])('a JSON error as %s', async (type) => {
    const error = { error: { message: 'Quota exceeded.', code: 'insufficient_quota' } }
    for (const body of [JSON.stringify(error), JSON.stringify([error]), JSON.stringify(error, null, 2)]) {
      const stream = ask(body, {}, type)
      await expect(stream.finished).rejects.toMatchObject({
        code: 'provider',
        message: 'Quota exceeded.',
        providerCode: 'insufficient_quota',
      })
    }
  })

  it.each([
    ['{"error":"model not found"}', 'model not found'],
    ['{"detail":"Not authenticated"}', 'Not authenticated'],
    ['{"object":"error","message":"too long","code":400}', 'too long'],
    ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'Overloaded'],
  ])('an error in another shape: %s', async (body, message) => {
    await expect(ask(body, {}, 'application/json').finished).rejects.toMatchObject({
      code: 'provider',
      message,
    })
  })

  it('llama.cpp once sent its error as a field', async () => {
    const field = 'error: {"code":400,"message":"too long","type":"invalid_request_error"}\n\n'
    expect(await outcome(ask([field, 'data: [DONE]\n\n']))).toBe('provider: too long')
    const stream = ask([...chatEvents('kept').slice(0, 2), field, 'data: [DONE]\n\n'])
    expect(await outcome(stream)).toBe('provider: too long')
    expect(messageText(stream.message)).toBe('kept')
  })

  it('nothing at all', async () => {
    expect(await outcome(ask(''))).toBe('incomplete: The server answered with nothing.')
    expect(await outcome(ask(': ping\n\n'))).toMatch(/^incomplete/)
  })

  it('something else', async () => {
    expect(await outcome(ask('upstream connect error\n'))).toMatch(/^protocol: .*upstream connect error/)
    expect(await outcome(ask('{"status":"ok"}', {}, 'application/json'))).toMatch(/^protocol: .*dialect/)
    expect(await outcome(ask('no healthy upstream', {}, 'application/json'))).toMatch(/^protocol/)
  })

  it('a page is never held whole', async () => {
    const line = `${'x'.repeat(1000)}\n`
    const stream = ask(['<html>\n', ...Array.from({ length: 5000 }, () => line)])
    expect(await outcome(stream)).toMatch(/^content-type/)
    expect(stream.message.error?.body?.length).toBeLessThanOrEqual(2000)
  })
})

describe('arguments of tools', () => {
  const call = (args: string, id?: string): string =>
    chatEvent(
      chatChunk({ tool_calls: [{ index: 0, ...(id && { id }), function: { name: 'f', arguments: args } }] }),
    )

  it('can be read while they come', async () => {
    const body = [
      call('{"city":"Par', 'a'),
      call('is","days":[1,'),
      call('2]}'),
      chatEvent(chatChunk({}, 'stop')),
    ]
    const stream = ask(body)
    const seen: unknown[] = []
    for await (const delta of stream) {
      const part = stream.message.parts[0]
      if (delta.type.startsWith('tool') && part?.type === 'tool') seen.push(part.partialInput ?? part.input)
    }
    expect(seen.at(-1)).toEqual({ city: 'Paris', days: [1, 2] })
    expect(stream.message.parts[0]).not.toHaveProperty('partialInput')
    expect(seen).toContainEqual({ city: 'Par' })
  })

  it('that were cut stay what they were', async () => {
    const stream = ask([call('{"city":"Par', 'a')])
    expect(await outcome(stream)).toMatch(/^incomplete/)
    expect(stream.message.parts[0]).toMatchObject({
      state: 'input-streaming',
      inputText: '{"city":"Par',
      partialInput: { city: 'Par' },
    })
    expect(stream.message.parts[0]).not.toHaveProperty('input')
  })
})

describe('a transform', () => {
  const shout = (): DeltaTransform => {
    let held = ''
    return {
      read(delta) {
        if (delta.type !== 'text-delta') return [delta]
        held += delta.delta
        const words = held.slice(0, -1)
        held = held.slice(-1)
        return words ? [{ ...delta, delta: words.toUpperCase() }] : []
      },
      end: () => (held ? [{ type: 'text-delta', part: 0, delta: held.toUpperCase() }] : []),
    }
  }

  it('stands between the dialect and the message, and has the last word', async () => {
    expect(await outcome(ask(chatEvents('Hel', 'lo'), { transform: shout }))).toBe('done: HELLO')
  })

  it('loses nothing of what breaks off', async () => {
    const stream = ask([...chatEvents('Hel', 'lo').slice(0, 3), new TypeError('reset')], { transform: shout })
    expect(await outcome(stream)).toMatch(/^incomplete/)
    expect(messageText(stream.message)).toBe('HELLO')
  })

  it('loses nothing of what is stopped', async () => {
    const stream = ask(chatEvents('Hel', 'lo'), { transform: shout })
    for await (const delta of stream) if (delta.type === 'text-delta') break
    expect(stream.message).toMatchObject({ status: 'aborted', parts: [{ text: 'HEL' }] })
  })
})

describe('a server that aborts', () => {
  it('makes an aborted message of it, not a finished one', async () => {
    const body = [
      { type: 'start' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'par' },
    ]
    const events = [...body, { type: 'abort' }].map(chatEvent)
    expect(await ask([...events, 'data: [DONE]\n\n']).finished).toMatchObject({
      status: 'aborted',
      finishReason: 'aborted',
      parts: [{ text: 'par' }],
    })
  })
})

it('a parser of the caller reads records without an import', async () => {
  const lines = [start, block, stop].map((record) => JSON.stringify(record)).join('\n')
  const init = { parser: createJsonParser, dialects: [anthropicMessages] }
  expect(await outcome(ask(lines, init, 'application/octet-stream'))).toBe('done: Bonjour')
})

describe('before the first record', () => {
  it.each([
    'event: ping\ndata: pong\n\n',
    'event: heartbeat\ndata: ""\n\n',
    'data: connected\n\n',
    'data: ""\n\n',
    'data: ok\n\ndata: 1\n\n',
    'data: true\n\ndata: "hello"\n\n',
    'data:\n\n'.repeat(500),
    'data: null\n\n'.repeat(500),
    chatEvent({ type: 'ping' }).repeat(100),
  ])('a greeting or a sign of life decides nothing: %#', async (greeting) => {
    expect(await outcome(ask([greeting, ...chatEvents('Hi')]))).toBe('done: Hi')
    expect(await outcome(ask(greeting + anthropic))).toBe('done: Bonjour')
    expect(await outcome(ask(greeting + anthropic, { dialects: [plainText, anthropicMessages] }))).toBe(
      'done: Bonjour',
    )
  })

  it('one word is an answer if nothing else comes, and is kept if the connection breaks', async () => {
    expect(await outcome(ask('data: Yes\n\n'))).toBe('done: Yes')
    expect(await outcome(ask('data: Yes\n\ndata: [DONE]\n\n'))).toBe('done: Yes')
    const stream = ask(['data: Yes\n\n', new TypeError('reset')])
    expect(await outcome(stream)).toMatch(/^incomplete/)
    expect(messageText(stream.message)).toBe('Yes')
  })
})

describe("a relay's stream", () => {
  const type = 'text/event-stream; rivulet=1'

  it.each([
    ['text', 'id: 1\ndata: Hello\n\nid: 2\ndata:  wor\n\n'],
    ['LangGraph', `event: messages\ndata: [{"type":"AIMessageChunk","id":"m","content":"Hello wor"},{}]\n\n`],
  ])('of %s ends when the relay says so, not with the connection', async (_, body) => {
    const cut = ask(body, { retry: false }, type)
    expect(await outcome(cut)).toMatch(/^incomplete/)
    expect(messageText(cut.message)).toBe('Hello wor')
    expect(await outcome(ask(`${body}event: rivulet.end\ndata:\n\n`, { retry: false }, type))).toBe(
      'done: Hello wor',
    )
  })
})

describe('an error in the middle', () => {
  const begun: Record<string, string> = {
    chat: chatEvents('Hi').slice(0, 2).join(''),
    anthropic: [start, { ...block, delta: { type: 'text_delta', text: 'Hi' } }].map(chatEvent).join(''),
    responses: chatEvent({ type: 'response.output_text.delta', output_index: 0, delta: 'Hi' }),
    gemini: chatEvent({ candidates: [{ content: { parts: [{ text: 'Hi' }] } }] }),
    ollama: chatEvent({ model: 'm', message: { content: 'Hi' }, done: false }),
    cohere: chatEvent({ type: 'content-delta', index: 0, delta: { message: { content: { text: 'Hi' } } } }),
    aiSdk: [
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Hi' },
    ]
      .map(chatEvent)
      .join(''),
    agUi: chatEvent({ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm', delta: 'Hi' }),
    langgraph: `event: messages\ndata: [{"type":"AIMessageChunk","id":"m","content":"Hi"},{}]\n\n`,
    langserve: 'event: data\ndata: "Hi"\n\n',
    text: 'data: H\n\ndata: i\n\n',
  }
  const errors = {
    record: 'data: {"error":{"message":"Overloaded"}}\n\n',
    event: 'event: error\ndata: {"message":"Overloaded"}\n\n',
    string: 'event: error\ndata: "Overloaded"\n\n',
    words: 'event: error\ndata: Overloaded\n\n',
  }
  for (const [name, body] of Object.entries(begun)) {
    it.each(Object.entries(errors))(`of ${name} is one, as %s`, async (_, error) => {
      const stream = ask([body, error, 'data: [DONE]\n\n'])
      expect(await outcome(stream)).toBe('provider: Overloaded')
      expect(messageText(stream.message)).toBe('Hi')
    })
  }

  it('is one though the finish reason was in', async () => {
    const events = chatEvents('Hi').slice(0, -1)
    expect(await outcome(ask([...events, errors.string]))).toBe('provider: Overloaded')
  })

  it('is one as a bare line', async () => {
    expect(await outcome(ask([begun['chat'] as string, '{"error":{"message":"Overloaded"}}\n\n']))).toBe(
      'provider: Overloaded',
    )
  })

  it('of a dialect that was given is one, though it is the whole body', async () => {
    const init = { dialect: anthropicMessages }
    expect(await outcome(ask('{"error":{"message":"boom"}}', init, 'application/json'))).toBe(
      'provider: boom',
    )
  })

  it("is no state of an application's own", async () => {
    const state = `event: values\ndata: {"messages":[],"error":"none of ours","detail":"high"}\n\n`
    const custom = 'event: custom\ndata: {"type":"error","text":"a step of ours"}\n\n'
    const said = begun['langgraph'] as string
    expect(await outcome(ask(state + said))).toBe('done: Hi')
    expect(await outcome(ask(said + custom))).toBe('done: Hi')
  })
})

describe('the first record', () => {
  it("may be the AI SDK's error", async () => {
    const body = [chatEvent({ type: 'error', errorText: 'An error occurred.' }), 'data: [DONE]\n\n']
    expect(await outcome(ask(body))).toBe('provider: An error occurred.')
  })

  it("may be LangGraph's own data, whatever its type is called", async () => {
    const custom = 'event: custom\ndata: {"type":"start","messageId":"x"}\n\n'
    const said = `event: messages\ndata: [{"type":"AIMessageChunk","id":"m","content":"Hi"},{}]\n\n`
    expect(await outcome(ask(custom + said))).toBe('done: Hi')
  })

  it('may be a word of JSON', async () => {
    const tokens = ['{"', 'name', '": "Bob"}'].map((token) => `data: ${token}\n\n`)
    expect(await outcome(ask([...tokens, 'data: [DONE]\n\n']))).toBe('done: {"name": "Bob"}')
  })
})

describe('a content type that is wrong', () => {
  const commented = `: OPENROUTER PROCESSING\n\n${chatEvents('Hi').join('')}`
  const lines = [
    { model: 'm', created_at: 'x', message: { content: 'H' }, done: false },
    { model: 'm', created_at: 'x', message: { content: 'i' }, done: true, done_reason: 'stop' },
  ]
  const ndjson = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const whole = JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }],
  })

  it.each([
    ['text/plain', commented],
    ['application/json', commented],
    ['text/plain', ndjson],
    ['text/event-stream', ndjson],
    ['text/plain', whole],
    ['text/plain', JSON.stringify([JSON.parse(whole)], null, 2)],
    ['text/markdown', commented],
  ])('%s does not matter: %#', async (type, body) => {
    for (const { name, chunks } of everySplit(body)) {
      expect(await outcome(ask(chunks, {}, type)), name).toBe('done: Hi')
    }
  })

  it('is named where it does', async () => {
    const stream = ask(chatEvents('Hi'), {}, 'text/html')
    await expect(stream.finished).rejects.toMatchObject({
      code: 'content-type',
      message: expect.stringMatching(/text\/html.*text\/event-stream/),
    })
  })

  it('hides no error in text', async () => {
    expect(await outcome(ask('{"error":{"message":"Invalid key"}}', {}, 'text/plain'))).toBe(
      'provider: Invalid key',
    )
  })

  it('leaves JSON that is the answer alone', async () => {
    const text = '{"id":1,"items":[{"name":"x"}]}'
    expect(await outcome(ask(text, {}, 'text/plain'))).toBe(`done: ${text}`)
  })

  it.each([
    ['createJsonParser', createAnyJsonParser],
    ['createTextParser', createTextParser],
  ])('%s as `parser` reads events, too', async (_, parser) => {
    expect(await outcome(ask(chatEvents('Hi'), { parser }))).toBe('done: Hi')
  })
})

describe('records glued together', () => {
  const records = chatEvents('a', 'b').map((event) => event.slice(6).trim())

  it('with the terminator, in the lines of one event, also without a blank line', async () => {
    const lines = records.map((record) => `data: ${record}\n`).join('')
    expect(await outcome(ask(`${lines}\n`))).toBe('done: ab')
    expect(await outcome(ask(lines))).toBe('done: ab')
  })

  it('of which the last is cut are an error', async () => {
    expect(await outcome(ask(`data: ${records[1]}${records[2]}{"id":"chat\n\n`))).toMatch(/^protocol/)
  })

  it('in a list', async () => {
    expect(await outcome(ask(`data: [${records.slice(0, -1).join()}]\n\n`))).toBe('done: ab')
  })
})

describe('abort', () => {
  it('ends the request, whatever a transform or a listener throws', async () => {
    const bad: (() => DeltaTransform)[] = [
      () => ({
        read: (delta) => [delta],
        end() {
          throw new Error('bad end')
        },
      }),
      () => ({
        read: (delta) => [delta],
        end: () => [{ type: 'tool-input-delta', part: 9, delta: 'x' }],
      }),
    ]
    for (const transform of bad) {
      const fetch = createScriptedFetch({ body: chatEvents('Hi').slice(0, 2), hang: true })
      const stream = streamMessage('https://x.example/', { fetch, transform })
      for await (const delta of stream) if (delta.type === 'text-delta') break
      expect(stream.message).toMatchObject({ status: 'aborted', parts: [{ text: 'Hi' }] })
      expect(fetch.open).toBe(0)
    }
  })
})

it('says what `dialect` takes', () => {
  expect(() => ask('', { dialect: 'gemini' as never })).toThrow(/@rivulet\/core\/dialects\/gemini/)
})
