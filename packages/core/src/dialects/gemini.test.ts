import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looseJson } from '../../test/loose-json.ts'
import { readRecords } from '../../test/read-records.ts'
import type { ReadRecords } from '../../test/read-records.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message } from '../types.ts'
import { gemini } from './gemini.ts'

type Json = Record<string, unknown>

const read = (...records: readonly Json[]): ReadRecords => readRecords(gemini, records, true)

const parts = (...list: readonly unknown[]): Json => ({
  candidates: [{ content: { role: 'model', parts: list } }],
})
const call = (functionCall: Json): Json => parts({ functionCall })
const finish = (finishReason: string, more: Json = {}): Json => ({ candidates: [{ finishReason, ...more }] })
const toolInput = (message: Message): unknown => message.parts.find((part) => part.type === 'tool')?.input

describe('text', () => {
  it('becomes one part, after a start with the id and the model', () => {
    const { deltas, ended } = read(
      { ...parts({ text: 'Hel' }), responseId: 'r1', modelVersion: 'gemini-3' },
      { ...parts({ text: 'lo' }), responseId: 'r1' },
      finish('STOP'),
    )
    expect(deltas).toEqual([
      { type: 'start', id: 'r1', model: 'gemini-3', dialect: 'gemini' },
      { type: 'text-delta', part: 0, delta: 'Hel' },
      { type: 'text-delta', part: 0, delta: 'lo' },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'STOP' },
    ])
    // Only the body's end ends it: usage may still come.
    expect(ended).toBe(false)
  })

  it('is reasoning where it is a thought', () => {
    const { message } = read(parts({ text: 'Hm', thought: true }), parts({ text: 'Yes' }))
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
    ])
  })

  it('comes from the first of several candidates', () => {
    const candidate = (index: number, text: string): Json => ({ index, content: { parts: [{ text }] } })
    const { message } = read({ candidates: [candidate(1, 'no'), candidate(0, 'yes')] })
    expect(message.parts).toEqual([{ type: 'text', text: 'yes' }])
  })

  it('keeps the signature that comes with it, or alone after it', () => {
    const { message } = read(
      parts({ text: 'a', thought: true, thoughtSignature: 's1' }),
      parts({ text: 'b' }, { text: '', thoughtSignature: 's2' }),
    )
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'a', providerMetadata: { google: { thoughtSignature: 's1' } } },
      { type: 'text', text: 'b', providerMetadata: { google: { thoughtSignature: 's2' } } },
    ])
  })
})

describe('calls', () => {
  it('come whole, mostly without an id, and with STOP as the reason', () => {
    const { message } = read(
      parts(
        { functionCall: { name: 'a', args: { x: 1 } }, thoughtSignature: 's' },
        { functionCall: { name: 'b', id: 'own' } },
      ),
      finish('STOP'),
    )
    expect(message).toMatchObject({
      finishReason: 'tool-calls',
      rawFinishReason: 'STOP',
      parts: [
        {
          toolName: 'a',
          input: { x: 1 },
          inputText: '{"x":1}',
          providerMetadata: { google: { thoughtSignature: 's' } },
        },
        { toolName: 'b', input: {}, toolCallId: 'own' },
      ],
    })
    expect((message.parts[0] as { toolCallId: string }).toolCallId).toMatch(/^call_/)
  })

  it('may come in pieces, each shown at once', () => {
    const { deltas, message } = read(
      parts({ functionCall: { name: 'cook', willContinue: true }, thoughtSignature: 's' }),
      call({
        partialArgs: [{ jsonPath: '$.dish.name', stringValue: 'Pas', willContinue: true }],
        willContinue: true,
      }),
      call({
        partialArgs: [{ jsonPath: '$.dish.name', stringValue: 'ta', willContinue: true }],
        willContinue: true,
      }),
      call({ partialArgs: [{ jsonPath: '$.dish.name', stringValue: '' }], willContinue: true }),
      call({ willContinue: true }),
      call({ partialArgs: [{ jsonPath: '$.dish.parts[0].grams', numberValue: 500 }], willContinue: true }),
      call({ partialArgs: [{ jsonPath: '$.dish.parts[1].grams', numberValue: 2 }], willContinue: true }),
      call({
        partialArgs: [
          { jsonPath: '$.vegan', boolValue: false },
          { jsonPath: '$.note', nullValue: 'NULL_VALUE' },
        ],
        willContinue: true,
      }),
      call({}),
      finish('STOP'),
    )
    const pieces = deltas.flatMap((delta) => (delta.type === 'tool-input-delta' ? [delta.delta] : []))
    expect(pieces.slice(0, 3)).toEqual(['{"dish":{"name":"Pas', 'ta', '"'])
    expect(toolInput(message)).toEqual({
      dish: { name: 'Pasta', parts: [{ grams: 500 }, { grams: 2 }] },
      vegan: false,
      note: null,
    })
    expect(message.parts).toMatchObject([{ providerMetadata: { google: { thoughtSignature: 's' } } }])
    expect(JSON.parse((message.parts[0] as { inputText: string }).inputText)).toEqual(toolInput(message))
  })

  it('may follow each other in pieces', () => {
    const arg = (stringValue: string): Json => ({
      partialArgs: [{ jsonPath: '$.a', stringValue }],
      willContinue: true,
    })
    const { message } = read(
      call({ name: 'f', ...arg('1') }),
      call({ name: 'g', ...arg('2') }),
      call({}),
      finish('STOP'),
    )
    expect(message.parts).toMatchObject([
      { toolName: 'f', input: { a: '1' } },
      { toolName: 'g', input: { a: '2' } },
    ])
  })

  it('have no arguments if none came before their end', () => {
    expect(toolInput(read(call({ name: 'f', willContinue: true }), call({})).message)).toEqual({})
  })

  it.each([[undefined], ['MAX_TOKENS']])('that were cut are not made whole (%s)', (reason) => {
    const { message } = read(
      call({
        name: 'f',
        partialArgs: [{ jsonPath: '$.a', stringValue: 'x', willContinue: true }],
        willContinue: true,
      }),
      ...(reason ? [finish(reason)] : []),
    )
    expect(message.parts).toMatchObject([{ invalid: true, input: '{"a":"x' }])
  })

  it('have names that need quotes', () => {
    const { message } = read(
      call({
        name: 'f',
        partialArgs: [
          { jsonPath: "$['a.b']['it\\'s']", numberValue: 1 },
          { jsonPath: '$["[0]"]["say \\"\\\\\\""]', numberValue: 2 },
          { jsonPath: "$['__proto__']", numberValue: 3 },
        ],
      }),
    )
    expect(Object.entries(toolInput(message) as Json)).toEqual([
      ['a.b', { "it's": 1 }],
      ['[0]', { 'say "\\"': 2 }],
      ['__proto__', 3],
    ])
  })

  it('read a long path in linear time', () => {
    const jsonPath = `$['${'\\'.repeat(100_001)}`
    const { message } = read(call({ name: 'f', partialArgs: [{ jsonPath, numberValue: 1 }] }))
    expect(message.parts).toHaveLength(1)
  })

  it('come back equal from pieces, whatever their arguments are', () => {
    const name = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', 'ä', '.', '[', ']', "'", '"', '\\', '$', ' ', '0', ','),
        maxLength: 5,
      }),
      fc.constantFrom('__proto__', 'constructor', 'length'),
    )
    // The wire has no word for an object or a list with nothing in it.
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { minLength: 1, maxLength: 4 }),
        fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 4 }),
      ),
    }))

    function* toPieces(json: unknown, path: string, quote: string): Generator<Json> {
      if (Array.isArray(json)) {
        for (const [index, each] of json.entries()) yield* toPieces(each, `${path}[${index}]`, quote)
      } else if (typeof json === 'object' && json) {
        for (const [key, each] of Object.entries(json)) {
          const quoted = key.replaceAll(/["'\\]/g, (sign) =>
            sign === quote || sign === '\\' ? `\\${sign}` : sign,
          )
          const step = /^[a-zä]\w*$/.test(key) ? `.${key}` : `[${quote}${quoted}${quote}]`
          yield* toPieces(each, path + step, quote)
        }
      } else if (typeof json === 'string') {
        const half = json.length >> 1
        yield { jsonPath: path, stringValue: json.slice(0, half), willContinue: true }
        yield { jsonPath: path, stringValue: json.slice(half), willContinue: true }
        yield { jsonPath: path, stringValue: '' }
      } else if (typeof json === 'number') yield { jsonPath: path, numberValue: json }
      else if (typeof json === 'boolean') yield { jsonPath: path, boolValue: json }
      else yield { jsonPath: path, nullValue: 'NULL_VALUE' }
    }

    const args = fc.dictionary(name, value, { maxKeys: 4 })
    fc.assert(
      fc.property(args, fc.constantFrom('"', "'"), (json, quote) => {
        const plain: unknown = JSON.parse(JSON.stringify(json))
        const pieces = [...toPieces(plain, '$', quote)]
        const records = pieces.map((piece) => call({ partialArgs: [piece], willContinue: true }))
        const { message } = read(call({ name: 'f', willContinue: true }), ...records, call({}))
        expect(JSON.stringify(toolInput(message))).toBe(JSON.stringify(plain))
      }),
      { numRuns: 500 },
    )
  })
})

describe('what runs at Google', () => {
  it('is the running of code, with what it gave', () => {
    const { message } = read(
      parts({ executableCode: { language: 'PYTHON', code: '1+1' } }),
      parts({ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } }),
      parts({ executableCode: { language: 'PYTHON', code: '1/0' } }),
      parts({ codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: 'ZeroDivisionError' } }),
      finish('STOP'),
    )
    expect(message).toMatchObject({
      finishReason: 'stop',
      parts: [
        {
          toolName: 'code_execution',
          providerExecuted: true,
          state: 'output-available',
          input: { language: 'PYTHON', code: '1+1' },
          output: { outcome: 'OUTCOME_OK', output: '2' },
        },
        { state: 'output-error', output: { output: 'ZeroDivisionError' } },
      ],
    })
  })

  it('is any other tool, told by its id', () => {
    const { message } = read(
      parts(
        { toolCall: { id: 'x', toolType: 'GOOGLE_SEARCH_WEB', args: { queries: ['a'] } } },
        { toolCall: { id: 'y', toolType: 'URL_CONTEXT' } },
        { toolResponse: { id: 'x', toolType: 'GOOGLE_SEARCH_WEB', response: { found: 1 } } },
      ),
    )
    expect(message.parts).toMatchObject([
      { toolCallId: 'x', toolName: 'GOOGLE_SEARCH_WEB', input: { queries: ['a'] }, output: { found: 1 } },
      { toolCallId: 'y', input: {}, state: 'input-available', providerExecuted: true },
    ])
  })
})

describe('files and sources', () => {
  it('come inline or by their address; sketches among the thoughts are no files', () => {
    const { message } = read(
      parts(
        { inlineData: { mimeType: 'image/png', data: 'c2tl' }, thought: true },
        { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
        { fileData: { mimeType: 'video/mp4', fileUri: 'https://files.example/1' } },
      ),
    )
    expect(message.parts).toEqual([
      { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,AAAA' },
      { type: 'file', mediaType: 'video/mp4', url: 'https://files.example/1' },
    ])
  })

  it('come from grounding, citations and pages that were read, each once', () => {
    const grounding = {
      groundingChunks: [
        { web: { uri: 'https://a.example/', title: 'A' } },
        { web: { uri: 'https://a.example/', title: 'A' } },
        { maps: { uri: 'https://maps.example/', title: 'M', text: 'Nice' } },
        { retrievedContext: { title: 'report.pdf', text: 'Up' } },
        { image: { sourceUri: 'https://i.example/', imageUri: 'https://i.example/i.png' } },
      ],
      searchEntryPoint: { renderedContent: '<p>' },
    }
    const { message } = read({
      candidates: [
        {
          groundingMetadata: grounding,
          citationMetadata: { citationSources: [{ uri: 'https://c.example/' }] },
          urlContextMetadata: { urlMetadata: [{ retrievedUrl: 'https://u.example/' }] },
        },
      ],
    })
    const sources = message.parts.flatMap((part) => (part.type === 'source' ? [part.source] : []))
    expect(sources).toEqual([
      { url: 'https://a.example/', title: 'A' },
      { url: 'https://maps.example/', title: 'M', snippet: 'Nice' },
      { id: 'report.pdf', title: 'report.pdf', snippet: 'Up' },
      { url: 'https://i.example/' },
      { url: 'https://c.example/' },
      { url: 'https://u.example/' },
    ])
    expect(message.parts.at(-1)).toEqual({
      type: 'data',
      name: 'grounding',
      id: 'grounding',
      data: grounding,
    })
  })
})

describe('usage', () => {
  it('adds thoughts to the output and what tools gave to the input; the last one counts', () => {
    const raw = {
      promptTokenCount: 34,
      candidatesTokenCount: 469,
      thoughtsTokenCount: 787,
      toolUsePromptTokenCount: 10,
      cachedContentTokenCount: 30,
      totalTokenCount: 1300,
    }
    const { message } = read(
      { usageMetadata: { promptTokenCount: 34, totalTokenCount: 34 } },
      { usageMetadata: raw },
      { usageMetadata: { trafficType: 'ON_DEMAND' } },
    )
    expect(message.usage).toEqual({
      inputTokens: 44,
      outputTokens: 1256,
      totalTokens: 1300,
      cachedInputTokens: 30,
      reasoningTokens: 787,
      raw,
    })
  })
})

describe('the end', () => {
  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['LANGUAGE', 'other'],
    ['OTHER', 'other'],
  ])('%s is %s', (raw, finishReason) => {
    expect(read(finish(raw)).message).toMatchObject({ finishReason, rawFinishReason: raw })
  })

  it('is an error where the model failed, in its words', () => {
    const { message } = read(finish('MALFORMED_FUNCTION_CALL', { finishMessage: 'Malformed: f(' }))
    expect(message).toMatchObject({
      finishReason: 'error',
      error: { code: 'provider', message: 'Malformed: f(', providerCode: 'MALFORMED_FUNCTION_CALL' },
    })
  })

  it('is a blocked prompt', () => {
    const { message } = read({
      promptFeedback: { blockReason: 'MODEL_ARMOR', blockReasonMessage: 'Not this.' },
    })
    expect(message).toMatchObject({
      finishReason: 'content-filter',
      rawFinishReason: 'MODEL_ARMOR',
      parts: [{ type: 'refusal', text: 'Not this.' }],
    })
  })

  it('may be an error after text, which stays', () => {
    const { message } = read(parts({ text: 'a' }), {
      error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' },
    })
    expect(message).toMatchObject({
      parts: [{ text: 'a' }],
      error: { code: 'provider', message: 'Overloaded', providerCode: '503' },
    })
    expect(message.finishReason).toBeUndefined()
  })
})

describe('a whole stream', () => {
  const records = [
    parts({ text: 'Hel' }),
    { ...parts({ text: 'lo' }), usageMetadata: { promptTokenCount: 1, totalTokenCount: 3 } },
    finish('STOP'),
  ]

  it.each([
    [
      'events',
      'text/event-stream',
      records.map((record) => `data: ${JSON.stringify(record)}\r\n\r\n`).join(''),
    ],
    ['a list', 'application/json', JSON.stringify(records, null, 2)],
    [
      'one answer',
      'application/json',
      JSON.stringify({ candidates: [{ content: { parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }] }),
    ],
  ])('is recognised as %s', async (_, type, body) => {
    const fetch = createScriptedFetch({ body, headers: { 'content-type': type } })
    const message = await streamMessage('https://x/', { fetch, dialect: 'auto' }).finished
    expect(message).toMatchObject({
      status: 'done',
      finishReason: 'stop',
      parts: [{ type: 'text', text: 'Hello' }],
    })
  })

  it('that breaks off is no answer', async () => {
    const fetch = createScriptedFetch({ body: `data: ${JSON.stringify(parts({ text: 'a' }))}\n\n` })
    const stream = streamMessage('https://x/', { fetch, retry: false })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'a' }] })
  })
})

describe('a hostile record', () => {
  it.each([
    [{}],
    [{ type: 7 }],
    [{ candidates: 'x' }],
    [{ candidates: [null, 7, { content: { parts: [null, 7, 'x', []] } }] }],
    [
      {
        candidates: [{ content: 7, groundingMetadata: { groundingChunks: [null, { web: 7 }] } }],
        usageMetadata: 7,
        promptFeedback: [],
      },
    ],
  ])('is read as empty: %j', (record) => {
    expect(read(record as Json).message.parts).toEqual([])
  })

  it('is never an error, and its deltas always apply', () => {
    const names = fc.constantFrom(
      'candidates',
      'content',
      'parts',
      'text',
      'thought',
      'functionCall',
      'name',
      'id',
      'args',
      'partialArgs',
      'jsonPath',
      'stringValue',
      'numberValue',
      'willContinue',
      'executableCode',
      'codeExecutionResult',
      'toolCall',
      'toolResponse',
      'inlineData',
      'data',
      'mimeType',
      'thoughtSignature',
      'groundingMetadata',
      'groundingChunks',
      'web',
      'uri',
      'citationMetadata',
      'usageMetadata',
      'promptTokenCount',
      'finishMessage',
      'promptFeedback',
      'blockReasonMessage',
      '__proto__',
      'polluted',
    )
    const value = looseJson(names, ['$.a[0]', "$['a']", '$'])
    const record = fc
      .tuple(
        fc.constantFrom(
          {},
          parts(null),
          parts({ functionCall: { name: 'f', willContinue: true } }),
          finish('STOP'),
        ),
        value,
      )
      .map(([first, rest]) => ({ ...first, ...(rest as object) }))
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (records) => {
        expect(read(...(records as Json[])).message.role).toBe('assistant')
        expect(({} as Json)['polluted']).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })
})
