import { describe, expect, test } from 'vitest'
import { checkFixture, isOptional } from './check-fixture.ts'
import type { Difference, ExpectedAnswer, ReadMessage, StreamMessage } from './check-fixture.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }
// A record of the wire, of any shape.
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = Record<string, any>
type Part = { type: string } & Record<string, unknown>
interface Draft extends Writable<Omit<ReadMessage, 'parts'>> {
  parts: Part[]
}

class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: string
  readonly providerCode: string | undefined
  constructor(code: string, message: string, providerCode?: string) {
    super(message)
    this.code = code
    this.providerCode = providerCode
  }
}

/** One record a line; a line without its end is cut off. */
const RECORDS = [
  { reasoning: 'Think. ' },
  { text: 'Good ' },
  { text: 'day' },
  { call: { toolCallId: 'c1', toolName: 'clock' } },
  { input: '{"zone":' },
  { input: '"UTC"}' },
  { source: { url: 'https://a.test/', title: 'A' } },
  { finish: 'stop', usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } },
]

const EXPECTED: ExpectedAnswer = {
  protocol: 'lines',
  text: 'Good day',
  reasoning: 'Think. ',
  toolCalls: [{ id: 'c1', name: 'clock', arguments: { zone: 'UTC' } }],
  finishReason: 'stop',
  usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  citations: ['https://a.test/'],
}

function grow(message: Draft, type: string, text: string): void {
  const last = message.parts.at(-1)
  if (last?.type === type) last['text'] = String(last['text']) + text
  else message.parts.push({ type, text })
}

function apply(message: Draft, record: Loose): void {
  const call = message.parts.find(({ type }) => type === 'tool')
  if (record['reasoning']) grow(message, 'reasoning', record['reasoning'])
  if (record['text']) grow(message, 'text', record['text'])
  if (record['refusal']) grow(message, 'refusal', record['refusal'])
  if (record['call'])
    message.parts.push({ type: 'tool', state: 'input-streaming', inputText: '', ...record['call'] })
  if (record['input'] && call) call['inputText'] = String(call['inputText']) + String(record['input'])
  if (record['source']) message.parts.push({ type: 'source', source: record['source'] })
  if (record['error']) throw new StreamError('provider', record['error'], record['code'])
  if (!record['finish']) return
  message.rawFinishReason = record['finish']
  message.finishReason = call ? 'tool-calls' : 'stop'
  if (call) Object.assign(call, { state: 'input-available', input: JSON.parse(String(call['inputText'])) })
  const { usage } = record
  if (usage) {
    const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: totalTokens } = usage
    message.usage = { inputTokens, outputTokens, totalTokens, raw: usage }
  }
}

interface Fault {
  /** Instead of the right step. */
  readonly apply?: (message: Draft, record: Loose) => void
  /** What the end makes of the message; throws what `finished` rejects with. */
  readonly end?: (message: Draft, body: string) => void
  /** How the body is told apart from its cutting: the sizes of its chunks, decoded. */
  readonly chunk?: (text: string) => string
}

/** A reader of such lines that is right, but for the fault. */
function reader(fault: Fault = {}): StreamMessage {
  return (_url, init) => {
    const message: Draft = { status: 'streaming', parts: [] }
    async function run(): Promise<void> {
      const response = await init.fetch()
      const decoder = new TextDecoder()
      let body = ''
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const text = decoder.decode(chunk, { stream: true })
        body += fault.chunk ? fault.chunk(text) : text
      }
      try {
        for (const line of body.split('\n').slice(0, -1)) (fault.apply ?? apply)(message, JSON.parse(line))
        if (!message.rawFinishReason) throw new StreamError('incomplete', 'Cut.')
        message.status = 'done'
        fault.end?.(message, body)
      } catch (error) {
        message.status = 'error'
        message.finishReason ??= 'error'
        message.error = error as Error
        fault.end?.(message, body)
        throw error
      }
    }
    return { message, finished: run() }
  }
}

const bytesOf = (records: readonly object[]): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(records.map((record) => `${JSON.stringify(record)}\n`).join(''))

const check = (
  expected: ExpectedAnswer = EXPECTED,
  streamMessage: StreamMessage = reader(),
  records: readonly object[] = RECORDS,
): Promise<Difference[]> =>
  checkFixture(
    { name: 'lines/a.txt', body: bytesOf(records), contentType: 'text/event-stream', expected },
    streamMessage,
  )

/** What differs, where every feeding agrees or only one. */
async function fields(...args: Parameters<typeof check>): Promise<string[]> {
  const found = await check(...args)
  return [...new Set(found.map(({ field }) => field))]
}

describe('a reader that is right', () => {
  test('has no differences', async () => {
    expect(await check()).toEqual([])
  })

  test('is fed whole, by byte, in pieces, and cut after every byte, without a network', async () => {
    const sizes: number[][] = []
    const right = reader()
    const seen: unknown[] = []
    await check(EXPECTED, (url, init) => {
      seen.push([url, init.method, init.retry])
      const chunks: number[] = []
      sizes.push(chunks)
      return right(url, {
        ...init,
        fetch: async () => {
          const response = await init.fetch()
          const counted = new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              chunks.push(chunk.length)
              controller.enqueue(chunk)
            },
          })
          return new Response(response.body?.pipeThrough(counted), response)
        },
      })
    })
    const { length } = bytesOf(RECORDS)
    const [whole, byByte, pieces, ...cuts] = sizes
    expect(whole).toEqual([length])
    expect(byByte).toEqual(Array(length).fill(1))
    expect(pieces?.slice(0, 3)).toEqual([7, 1, 64])
    const totals = cuts.map((chunks) => chunks.reduce((total, each) => total + each, 0))
    expect(totals).toEqual(Array.from({ length }, (_, at) => at))
    expect(new Set(seen.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['["https://api.test/","POST",false]']),
    )
  })

  test('may be cut at fewer places', async () => {
    let calls = 0
    const right = reader()
    const counting: StreamMessage = (...args) => {
      calls++
      return right(...args)
    }
    const body = bytesOf(RECORDS)
    await checkFixture({ name: 'a', body, contentType: 'text/event-stream', expected: EXPECTED }, counting, {
      maxCuts: 10,
    })
    expect(calls).toBeLessThanOrEqual(3 + 10)
  })
})

describe('finds a reader that', () => {
  test.each<[string, string[], Fault]>([
    ['tells text twice', ['text'], { apply: (m, r) => (apply(m, r), r['text'] && apply(m, r)) }],
    ['loses reasoning', ['reasoning'], { apply: (m, r) => void (r['reasoning'] || apply(m, r)) }],
    ['loses a call', ['toolCalls', 'finishReason'], { apply: (m, r) => void (r['call'] || apply(m, r)) }],
    [
      'changes a call’s name',
      ['toolCalls[0]'],
      { apply: (m, r) => apply(m, r['call'] ? { call: { ...r['call'], toolName: '' } } : r) },
    ],
    [
      'changes a call’s id',
      ['toolCalls[0]'],
      { apply: (m, r) => apply(m, r['call'] ? { call: { ...r['call'], toolCallId: 'other' } } : r) },
    ],
    [
      'leaves a call open',
      ['toolCalls[0]'],
      {
        end: ({ parts }) =>
          void parts.forEach((part) => part['input'] && (part['state'] = 'input-streaming')),
      },
    ],
    [
      'loses the provider’s word',
      ['rawFinishReason'],
      { end: (m) => void (m.status === 'done' && (m.rawFinishReason = '')) },
    ],
    [
      'does not see the calls',
      ['finishReason'],
      { end: (m) => void (m.status === 'done' && (m.finishReason = 'stop')) },
    ],
    ['loses the usage', ['usage'], { end: (m) => void delete m.usage }],
    [
      'counts wrong',
      ['usage.outputTokens'],
      { end: (m) => void (m.usage && Object.assign(m.usage, { outputTokens: 8 })) },
    ],
    [
      'changes the provider’s counts',
      ['usage.raw'],
      { end: (m) => void (m.usage && Object.assign(m.usage, { raw: { prompt_tokens: 3 } })) },
    ],
    ['loses a source', ['citations'], { apply: (m, r) => void (r['source'] || apply(m, r)) }],
    ['tells a source twice', ['sources'], { apply: (m, r) => (apply(m, r), r['source'] && apply(m, r)) }],
    ['invents a refusal', ['refusal'], { end: (m) => grow(m, 'refusal', 'No.') }],
    ['says that it still runs', ['status', 'finished'], { end: (m) => void (m.status = 'streaming') }],
  ])('%s', async (_name, expected, fault) => {
    const found = await check(EXPECTED, reader(fault))
    const whole = found.filter(({ feeding }) => feeding === 'whole').map(({ field }) => field)
    expect(whole.filter((field) => field !== 'finished')).toEqual(
      expected.filter((field) => field !== 'finished'),
    )
    expect(found.find(({ feeding }) => feeding === 'by byte')).toBeDefined()
    expect(found[0]).toMatchObject({ fixture: 'lines/a.txt' })
  })

  test('throws something else than a StreamError', async () => {
    const right = reader()
    const bare: StreamMessage = (...args) => {
      const stream = right(...args)
      return {
        ...stream,
        finished: stream.finished.catch(() => {
          throw new Error('bare')
        }),
      }
    }
    expect(await check(EXPECTED, bare)).toEqual([
      {
        fixture: 'lines/a.txt',
        feeding: 'cut after 0 bytes',
        field: 'finished',
        expected: 'a StreamError',
        got: 'Error: bare',
      },
    ])
  })

  test('throws from the call itself', async () => {
    const found = await check(EXPECTED, () => {
      throw new TypeError('at once')
    })
    expect(found).toEqual([
      {
        fixture: 'lines/a.txt',
        feeding: 'whole',
        field: 'streamMessage',
        expected: 'returns',
        got: 'TypeError: at once',
      },
    ])
  })

  test('takes a body that was cut for a whole one', async () => {
    const right = reader()
    const optimist: StreamMessage = (...args) => {
      const { message, finished } = right(...args)
      return {
        message,
        finished: finished.catch(() => {
          ;(message as Draft).status = 'done'
        }),
      }
    }
    expect(await check(EXPECTED, optimist)).toEqual([
      expect.objectContaining({
        feeding: 'cut after 0 bytes',
        field: 'status',
        expected: 'error',
        got: 'done',
      }),
    ])
    // Unless nothing in the protocol tells them apart.
    expect(await check({ ...EXPECTED, protocol: 'langgraph' }, optimist)).toEqual([])
  })

  test('shows other text while it is cut', async () => {
    const hasty = reader({
      end: (message, body) => void (body.endsWith('\n') || grow(message, 'text', body.split('\n').at(-1)!)),
    })
    expect(await fields(EXPECTED, hasty)).toEqual(['text'])
  })

  test('makes a cut call ready to run', async () => {
    const hasty = reader({
      end: ({ parts }) =>
        parts.forEach(
          (part) =>
            part.type === 'tool' &&
            Object.assign(part, { state: 'input-available', input: part['input'] ?? {} }),
        ),
    })
    expect(await fields(EXPECTED, hasty)).toEqual(['toolCalls[0]'])
  })

  test('depends on the cutting', async () => {
    const found = await check(EXPECTED, reader({ chunk: (text) => (text === 'G' ? 'g' : text) }))
    expect(found.map(({ feeding, field }) => `${feeding}: ${field}`)).toEqual(['by byte: text'])
  })
})

describe('errors', () => {
  const broken = [{ text: 'Good' }, { error: 'The model is overloaded.', code: '529' }]
  const expected: ExpectedAnswer = {
    protocol: 'lines',
    text: 'Good',
    finishReason: null,
    usage: null,
    error: { message: 'The model is overloaded.', code: 529, type: 'overloaded_error' },
  }

  test('are compared by message, and by code or type', async () => {
    expect(await fields(expected, reader(), broken)).toEqual([])
    const other = { ...expected, error: { message: 'Out of credit', code: 402 } }
    expect(await fields(other, reader(), broken)).toEqual(['error.message', 'error.providerCode'])
  })

  test('that are expected must come', async () => {
    expect(await fields({ ...EXPECTED, error: { kind: 'incomplete' } })).toEqual(['status', 'finished'])
    expect(await fields({ ...expected, error: { kind: 'incomplete' } }, reader(), broken)).toEqual([
      'error.code',
    ])
    expect(await fields({ ...expected, error: { kind: 'protocol' } }, reader(), broken)).toEqual([])
  })

  test('that are not expected must not', async () => {
    const { error: _, ...rest } = expected
    expect(await fields(rest, reader(), broken)).toEqual(['finishReason', 'status', 'finished'])
  })

  test('of a body that ends too early keep a call open', async () => {
    const cut: ExpectedAnswer = {
      protocol: 'cut',
      toolCalls: [{ id: 'c1', name: 'clock', incomplete: true, argumentsText: '{"zone":' }],
      finishReason: null,
      error: { kind: 'incomplete' },
    }
    expect(await fields(cut, reader(), RECORDS.slice(3, 5))).toEqual([])
    expect(await fields(cut, reader(), RECORDS.slice(3, 4))).toEqual(['toolCalls[0]'])
  })

  test('of an MCP server name it, and show nothing', async () => {
    const mcp: ExpectedAnswer = {
      protocol: 'mcp',
      text: 'the tool’s words',
      toolCalls: [],
      finishReason: null,
    }
    expect(await fields(mcp, reader(), [{ error: 'This is MCP.' }])).toEqual([])
    expect(await fields(mcp, reader(), broken)).toEqual(['text', 'error.message'])
  })
})

describe('finish reasons', () => {
  /** A reader that gives this reason of ours for any word. */
  const saying = (finishReason: string, status = 'done'): StreamMessage =>
    reader({ end: (m) => void (m.rawFinishReason && Object.assign(m, { finishReason, status })) })

  test.each([
    ['end_turn', 'stop'],
    ['COMPLETE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['SAFETY', 'content-filter'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
  ])('%s is %s', async (finish, reason) => {
    const expected: ExpectedAnswer = { protocol: 'lines', finishReason: finish }
    expect(await fields(expected, saying(reason), [{ finish }])).toEqual([])
    expect(await fields(expected, saying('wrong'), [{ finish }])).toEqual(['finishReason'])
  })

  test('are tool-calls where calls wait for the client, not where they were answered', async () => {
    const records = [
      { call: { toolCallId: 'c1', toolName: 'f', output: 1 } },
      { input: '{}' },
      { finish: 'STOP' },
    ]
    const call = { id: 'c1', name: 'f', arguments: {} }
    const waiting: ExpectedAnswer = { protocol: 'lines', toolCalls: [call], finishReason: 'STOP' }
    expect(await fields(waiting, saying('tool-calls'), records)).toEqual([])
    expect(await fields(waiting, saying('stop'), records)).toEqual(['finishReason'])
    const answered = { ...waiting, toolResults: [{ toolCallId: 'c1', content: 1 }] }
    expect(await fields(answered, saying('stop'), records)).toEqual([])
    expect(await fields(answered, saying('tool-calls'), records)).toEqual(['finishReason'])
  })

  test('that are an error make the message fail', async () => {
    const records = [{ finish: 'MALFORMED_FUNCTION_CALL' }]
    const expected: ExpectedAnswer = { protocol: 'gemini', finishReason: 'MALFORMED_FUNCTION_CALL' }
    expect(await fields(expected, saying('error'), records)).toEqual(['status'])
  })

  test('of a blocked prompt are why it was', async () => {
    const expected: ExpectedAnswer = { protocol: 'gemini', finishReason: null, refusal: 'SAFETY' }
    expect(await fields(expected, saying('content-filter'), [{ finish: 'SAFETY' }])).toEqual([])
    expect(await fields(expected, saying('stop'), [{ finish: 'STOP' }])).toEqual([
      'rawFinishReason',
      'finishReason',
    ])
  })
})

describe('usage', () => {
  /** A reader that gives these counts with the provider's object. */
  const counting = (usage: object): StreamMessage => reader({ end: (m) => void (m.usage &&= usage) })
  const finish = { finish: 'stop', usage: {} }

  test.each<[string, string, unknown, Record<string, number>]>([
    [
      'Anthropic counts the cache apart',
      'anthropic-messages',
      { input_tokens: 4, cache_read_input_tokens: 90, cache_creation_input_tokens: 6, output_tokens: 5 },
      { inputTokens: 100, outputTokens: 5, totalTokens: 105, cachedInputTokens: 90, cacheWriteTokens: 6 },
    ],
    [
      'Gemini counts thoughts apart',
      'gemini',
      { promptTokenCount: 9, candidatesTokenCount: 2, thoughtsTokenCount: 5, totalTokenCount: 16 },
      { inputTokens: 9, outputTokens: 7, totalTokens: 16, reasoningTokens: 5 },
    ],
    [
      'xAI counts reasoning apart',
      'openai-chat',
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        total_tokens: 31,
        completion_tokens_details: { reasoning_tokens: 20 },
        cost_in_usd_ticks: 5e9,
      },
      { inputTokens: 10, outputTokens: 21, totalTokens: 31, reasoningTokens: 20, cost: 0.5 },
    ],
    [
      'Cohere bills other tokens than it reads',
      'cohere-v2',
      { billed_units: { input_tokens: 1, output_tokens: 1 }, tokens: { input_tokens: 8, output_tokens: 3 } },
      { inputTokens: 8, outputTokens: 3, totalTokens: 11 },
    ],
    [
      'Ollama has words of its own',
      'ollama',
      { prompt_eval_count: 3, eval_count: 4 },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    [
      'AG-UI lists the models',
      'ag-ui',
      [
        { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
        { inputTokens: 4, outputTokens: 5, totalTokens: 9 },
      ],
      { inputTokens: 5, outputTokens: 7, totalTokens: 12 },
    ],
    [
      'LangChain has details of its own',
      'langgraph',
      { input_tokens: 5, output_tokens: 3, total_tokens: 8, input_token_details: { cache_read: 2 } },
      { inputTokens: 5, outputTokens: 3, totalTokens: 8, cachedInputTokens: 2 },
    ],
    [
      'Responses',
      'openai-responses',
      { input_tokens: 5, output_tokens: 3, total_tokens: 8, output_tokens_details: { reasoning_tokens: 2 } },
      { inputTokens: 5, outputTokens: 3, totalTokens: 8, reasoningTokens: 2 },
    ],
    [
      'Gemini Interactions counts thoughts apart',
      'gemini-interactions',
      { total_input_tokens: 5, total_output_tokens: 3, total_thought_tokens: 4, total_tokens: 12 },
      { inputTokens: 5, outputTokens: 7, totalTokens: 12, reasoningTokens: 4 },
    ],
  ])('%s', async (_name, protocol, usage, counts) => {
    const expected: ExpectedAnswer = { protocol, usage }
    expect(await fields(expected, counting({ ...counts, raw: usage }), [finish])).toEqual([])
    for (const field of Object.keys(counts)) {
      const wrong = { ...counts, [field]: 77, raw: usage }
      expect(await fields(expected, counting(wrong), [finish])).toEqual([`usage.${field}`])
    }
  })

  test('that nobody sent is not there', async () => {
    expect(await fields({ ...EXPECTED, usage: null })).toEqual(['usage'])
    expect(await fields({ protocol: 'lines', usage: null }, reader(), [{ finish: 'stop' }])).toEqual([])
  })
})

test('text that a reader joins by blank lines is compared without white space, other text exactly', async () => {
  const records = [{ text: 'One.' }, { text: 'Two.' }, { finish: 'stop' }]
  const joined = { protocol: 'lines', text: 'One.\n\nTwo.' }
  expect(await fields({ ...joined, textParts: ['One.', 'Two.'] }, reader(), records)).toEqual([])
  expect(await fields(joined, reader(), records)).toEqual(['text'])
})

test('data parts and results of tools are looked for', async () => {
  const data = { type: 'data', name: 'weather', id: 'w', data: { c: 21 } }
  const showing = reader({ end: (m) => void m.parts.push(data) })
  const expected = { protocol: 'lines', dataParts: [{ type: 'data-weather', id: 'w', data: { c: 21 } }] }
  expect(await fields(expected, showing, [{ finish: 'stop' }])).toEqual([])
  expect(await fields(expected, reader(), [{ finish: 'stop' }])).toEqual(['dataParts'])
  const results = { protocol: 'lines', toolResults: [{ toolCallId: 'c1', content: '21' }] }
  expect(await fields(results, reader(), RECORDS)).toEqual(['toolResults c1'])
})

test('ids that the client makes up may differ from feeding to feeding, those of the wire may not', async () => {
  let made = 0
  const inventing = reader({
    apply: (m, r) => apply(m, r['call'] ? { call: { ...r['call'], toolCallId: `made-${made++}` } } : r),
  })
  const call = { name: 'clock', arguments: { zone: 'UTC' } }
  expect(await fields({ ...EXPECTED, toolCalls: [{ ...call, id: null }] }, inventing)).toEqual([])
  expect(await fields({ ...EXPECTED, toolCalls: [{ ...call, id: 'c1' }] }, inventing)).toEqual([
    'toolCalls[0]',
  ])
})

test('a beginning that is too short to be told from text may be shown as text', async () => {
  const hasty = reader({ end: (m, body) => void (body.length < 6 && grow(m, 'text', body)) })
  const body = bytesOf(RECORDS)
  const found = (contentType: string, protocol: string): Promise<Difference[]> =>
    checkFixture({ name: 'a', body, contentType, expected: { ...EXPECTED, protocol } }, hasty)
  expect(await found('text/plain; charset=utf-8', 'openai-chat')).toEqual([])
  const wrong = [expect.objectContaining({ feeding: 'cut after 1 bytes', field: 'text' })]
  expect(await found('text/event-stream', 'openai-chat')).toEqual(wrong)
  expect(await found('text/plain', 'plain-text')).toEqual(wrong)
})

test('some protocols need not be read', () => {
  expect(['openai-assistants', 'replicate', 'openai-chat'].map(isOptional)).toEqual([true, true, false])
})
