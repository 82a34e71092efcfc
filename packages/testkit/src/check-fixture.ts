import { cut, streamOf } from './feeds.ts'

/** What an independent reader made of a recorded body. Fields that are missing are not compared. */
export interface ExpectedAnswer {
  readonly protocol: string
  readonly contentType?: string
  readonly text?: string
  readonly textParts?: readonly string[]
  readonly reasoning?: string
  readonly reasoningParts?: readonly string[]
  /** The client's own; with `providerExecuted`, one that ran elsewhere and is not compared. */
  readonly toolCalls?: readonly ExpectedCall[]
  /** What tools gave that a server ran, by their calls. */
  readonly toolResults?: readonly { readonly toolCallId?: string; readonly content?: unknown }[]
  readonly dataParts?: readonly { readonly type: string; readonly id?: string; readonly data?: unknown }[]
  /** The provider's own word. */
  readonly finishReason?: string | null
  /** The provider's own object. */
  readonly usage?: unknown
  /** The words of a refusal; of Gemini, why the prompt was blocked. */
  readonly refusal?: string
  readonly error?: {
    readonly kind?: string
    readonly message?: string
    readonly code?: string | number | null
    readonly type?: string | null
  }
  /** URLs, ids or titles of sources; there may be more. */
  readonly citations?: readonly string[]
  readonly aiSdkNormalised?: { readonly outputTokens?: { readonly total?: number } }
}

interface ExpectedCall {
  /** `null`: the wire has none. */
  readonly id?: string | null
  readonly name?: string
  readonly arguments?: unknown
  readonly argumentsText?: string
  readonly incomplete?: boolean
  /** The input is text. */
  readonly custom?: boolean
  readonly providerExecuted?: boolean
  readonly state?: string
  readonly output?: unknown
  readonly errorText?: string
}

/** A recorded body, and what is in it. */
export interface Fixture {
  readonly name: string
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
  readonly expected: ExpectedAnswer
}

/** One thing that was read otherwise than expected. */
export interface Difference {
  readonly fixture: string
  /** `"whole"`, `"by byte"`, `"in pieces"`, `"cut after 17 bytes"`. */
  readonly feeding: string
  readonly field: string
  readonly expected: unknown
  readonly got: unknown
}

/** A message, as far as it is looked at here: testkit knows the wire, not the packages that it tests. */
export interface ReadMessage {
  readonly status: string
  readonly parts: readonly { readonly type: string }[]
  readonly finishReason?: string | undefined
  readonly rawFinishReason?: string | undefined
  readonly usage?: object | undefined
  readonly error?: object | undefined
}

/** The part of core's `streamMessage` that is used here. */
export type StreamMessage = (
  url: string,
  init: {
    readonly method: string
    readonly body: string
    readonly fetch: () => Promise<Response>
    readonly retry: false
    readonly timeout: { readonly connect: number; readonly firstEvent: number; readonly idle: number }
  },
) => { readonly message: ReadMessage; readonly finished: Promise<unknown> }

export interface CheckFixtureOptions {
  /** The most places at which the body is cut, evenly spread. Default: after every byte. */
  readonly maxCuts?: number
}

type Loose = Record<string, unknown>
type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

interface Outcome {
  readonly message: ReadMessage
  /** What `finished` rejected with. */
  readonly thrown?: { readonly reason: unknown }
}

/** Protocols that are nice to have: what is read otherwise in them is told apart. */
const OPTIONAL = new Set(['openai-assistants', 'cohere-v1', 'replicate', 'watsonx'])

/** Nothing in their bodies says that the answer is whole, so that a body cut between two records looks it. */
const ENDS_AT_CLOSE = new Set(['langgraph', 'langserve', 'plain-text'])

/** So much of a body is needed to know that it is an event stream. */
const LONGEST_FIELD = 'retry:'.length

const PIECES = [7, 1, 64, 333, 1024, 3, 4096]

/** The providers' words for why the model stopped, from their documentation; what is not here is `other`. */
const REASONS: Readonly<Record<string, string>> = {
  stop: 'stop STOP end_turn stop_sequence STOP_SEQUENCE completed COMPLETE complete finished eos eos_token done end success',
  length:
    'length max_tokens MAX_TOKENS max_output_tokens max_completion_tokens model_length model_context_window_exceeded incomplete',
  'tool-calls': 'tool_calls tool_use TOOL_CALL function_call FUNCTION_CALL tool-calls requires_action',
  'content-filter':
    'content_filter content-filter refusal SAFETY RECITATION BLOCKLIST SPII PROHIBITED_CONTENT IMAGE_SAFETY ERROR_TOXIC',
  error: 'error ERROR failed MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL',
  aborted: 'cancelled canceled abort aborted',
}

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null
const asObject = (value: unknown): Loose => (isObject(value) ? value : {})
const nothing = (value: unknown): boolean => value === undefined || value === null

/** Whether everything of `part` stands in `whole`; `null` is as good as missing. */
function contains(whole: unknown, part: unknown): boolean {
  if (nothing(part)) return nothing(whole)
  if (!isObject(part)) return Object.is(whole, part)
  if (!isObject(whole) || Array.isArray(whole) !== Array.isArray(part)) return false
  if (Array.isArray(part) && part.length !== (whole as unknown as unknown[]).length) return false
  return Object.keys(part).every((key) =>
    contains(Object.hasOwn(whole, key) ? whole[key] : undefined, part[key]),
  )
}
const same = (a: unknown, b: unknown): boolean => contains(a, b) && contains(b, a)

/** The sum of what is a number; `undefined` when nothing is. */
function sum(...values: readonly unknown[]): number | undefined {
  const numbers = values.filter((value): value is number => typeof value === 'number')
  return numbers.length > 0 ? numbers.reduce((total, each) => total + each, 0) : undefined
}

/** For each field, the values that are right. */
type Counts = Readonly<Record<string, readonly unknown[]>>

function countsOf(
  input: unknown,
  output: unknown,
  total: unknown,
  rest: Readonly<Record<string, unknown>> = {},
): Counts {
  const all = { inputTokens: input, outputTokens: output, totalTokens: total ?? sum(input, output), ...rest }
  return Object.fromEntries(Object.entries(all).map(([field, value]) => [field, [value]]))
}

/**
 * The provider's usage in our words, told by its shape: fixtures of odd framing and the like are of every protocol.
 * `undefined` for a shape that nobody has described.
 */
function expectedUsage({ protocol, usage, aiSdkNormalised }: ExpectedAnswer): Counts | undefined {
  if (Array.isArray(usage)) {
    // AG-UI: one for each model that took part; they were all paid for.
    const of = (name: string): unknown => sum(...usage.map((each) => asObject(each)[name]))
    return countsOf(of('inputTokens'), of('outputTokens'), of('totalTokens'), {
      cachedInputTokens: of('cachedInputTokens'),
    })
  }
  const raw = asObject(usage)
  if (isObject(raw['tokens'])) {
    // Cohere: `tokens` were read and written, `billed_units` are a matter of cost.
    const { input_tokens: input, output_tokens: output } = raw['tokens']
    return countsOf(input, output, undefined, { cachedInputTokens: raw['cached_tokens'] })
  }
  if ('promptTokenCount' in raw) {
    // Gemini: thoughts are not among the candidates' tokens, nor what its own tools read among the prompt's. The
    // provider's documents do not say whether the latter are input, so that both are right.
    const { promptTokenCount: prompt, candidatesTokenCount: answer, thoughtsTokenCount: thoughts } = raw
    const counts = countsOf(prompt, sum(answer, thoughts), raw['totalTokenCount'], {
      cachedInputTokens: raw['cachedContentTokenCount'],
      reasoningTokens: thoughts,
    })
    return { ...counts, inputTokens: [prompt, sum(prompt, raw['toolUsePromptTokenCount'])] }
  }
  if ('total_input_tokens' in raw) {
    const { total_input_tokens: prompt, total_output_tokens: answer, total_thought_tokens: thoughts } = raw
    const counts = countsOf(prompt, sum(answer, thoughts), raw['total_tokens'], {
      cachedInputTokens: raw['total_cached_tokens'],
      reasoningTokens: thoughts,
    })
    return { ...counts, inputTokens: [prompt, sum(prompt, raw['total_tool_use_tokens'])] }
  }
  if ('prompt_eval_count' in raw || 'eval_count' in raw) {
    return countsOf(raw['prompt_eval_count'], raw['eval_count'], undefined)
  }
  if ('prompt_tokens' in raw || 'completion_tokens' in raw) {
    const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = raw
    const prompt = asObject(raw['prompt_tokens_details'])
    const reasoning = asObject(raw['completion_tokens_details'])['reasoning_tokens']
    // xAI alone counts reasoning apart from the completion.
    const isApart = Number(total) > Number(input) + Number(output)
    const ticks = raw['cost_in_usd_ticks']
    return countsOf(input, isApart ? sum(output, reasoning) : output, total, {
      cachedInputTokens: prompt['cached_tokens'] ?? raw['prompt_cache_hit_tokens'],
      cacheWriteTokens: prompt['cache_write_tokens'],
      reasoningTokens: reasoning,
      cost: raw['cost'] ?? (typeof ticks === 'number' ? ticks / 1e10 : undefined),
    })
  }
  if ('input_token_details' in raw) {
    // LangChain's own words for every provider's.
    const { input_tokens: input, output_tokens: output, total_tokens: total } = raw
    const read = asObject(raw['input_token_details'])
    return countsOf(input, output, total, {
      cachedInputTokens: read['cache_read'],
      cacheWriteTokens: read['cache_creation'],
      reasoningTokens: asObject(raw['output_token_details'])['reasoning'],
    })
  }
  if ('input_tokens' in raw && protocol.startsWith('anthropic')) {
    // The cache is not contained. Of a stream that Anthropic's SDK refuses, the expected counts are those of its
    // start; the AI SDK went on to the last ones, which count.
    const { cache_read_input_tokens: read, cache_creation_input_tokens: written } = raw
    const input = sum(raw['input_tokens'], read, written)
    const output = aiSdkNormalised?.outputTokens?.total ?? raw['output_tokens']
    return countsOf(input, output, sum(input, output), {
      cachedInputTokens: read,
      cacheWriteTokens: written,
      reasoningTokens: asObject(raw['output_tokens_details'])['thinking_tokens'],
    })
  }
  if ('input_tokens' in raw) {
    const { input_tokens: input, output_tokens: output, total_tokens: total } = raw
    const read = asObject(raw['input_tokens_details'])
    return countsOf(input, output, total, {
      cachedInputTokens: read['cached_tokens'],
      cacheWriteTokens: read['cache_write_tokens'],
      reasoningTokens: asObject(raw['output_tokens_details'])['reasoning_tokens'],
      cost: raw['cost'],
    })
  }
  return undefined
}

/** The expected raw object as far as it stands in the last one of the stream. */
function expectedRaw({ protocol, usage, aiSdkNormalised }: ExpectedAnswer): unknown {
  const last = aiSdkNormalised?.outputTokens?.total
  return protocol.startsWith('anthropic') && last !== undefined && isObject(usage)
    ? { ...usage, output_tokens: last }
    : usage
}

/** The calls that wait for the client: its own, without an answer yet. */
function waitingCalls({ toolCalls = [], toolResults = [] }: ExpectedAnswer): number {
  const answered = new Set(toolResults.map(({ toolCallId }) => toolCallId))
  return toolCalls.filter(
    ({ id, providerExecuted, state = '' }) =>
      !providerExecuted && !state.startsWith('output') && !answered.has(id ?? undefined),
  ).length
}

function expectedReason(expected: ExpectedAnswer): string | undefined {
  // Policy: a blocked prompt is a filtered answer, not a failure.
  const word = expected.finishReason ?? (isBlocked(expected) ? expected.refusal : undefined)
  if (nothing(word)) return undefined
  const reason =
    Object.keys(REASONS).find((each) => REASONS[each]?.split(' ').includes(word as string)) ?? 'other'
  // Gemini, Ollama and Responses say the same whether there are calls or not.
  return reason === 'stop' && waitingCalls(expected) > 0 ? 'tool-calls' : reason
}

/** Gemini's refusal is a word of its API, everybody else's is a sentence. */
const isBlocked = ({ refusal = '' }: ExpectedAnswer): boolean => /^[A-Z_]+$/.test(refusal)

function textOf(message: ReadMessage, type: string): string {
  return message.parts.map((part) => (part.type === type ? String(asObject(part)['text']) : '')).join('')
}

function ownCalls(message: ReadMessage): Loose[] {
  return message.parts
    .filter((part) => part.type === 'tool' && !asObject(part)['providerExecuted'])
    .map(asObject)
}

/** Whether a text is the expected one; where a reader joins parts by blank lines, white space is not compared. */
function isText(got: string, text: string, parts: readonly string[] = []): boolean {
  const bare = (words: string): string => words.replace(/\s+/g, '')
  return got === text || (parts.length > 1 && bare(got) === bare(text))
}

/** What a call should look like, for the report. */
function showCall(call: Loose): Loose {
  const { toolCallId, toolName, state, input, inputText, output } = call
  return { toolCallId, toolName, state, ...(input === undefined ? { inputText } : { input }), output }
}

function isCall(got: Loose | undefined, call: ExpectedCall): boolean {
  if (!got) return false
  const { id, name, arguments: input, argumentsText, incomplete, state, output, errorText } = call
  if (!nothing(id) && got['toolCallId'] !== id) return false
  // Nobody else's tool call is without one; the client makes it.
  if (typeof got['toolCallId'] !== 'string' || !got['toolCallId']) return false
  if (name !== undefined && got['toolName'] !== name) return false
  if (incomplete) return got['state'] === 'input-streaming' && got['inputText'] === (argumentsText ?? '')
  if (got['state'] === 'input-streaming') return false
  if (state?.startsWith('output') && got['state'] !== state) return false
  if (output !== undefined && !same(got['output'], output)) return false
  if (errorText !== undefined && got['output'] !== errorText) return false
  // Without arguments there is only their text, which was no JSON.
  if (input === undefined) return argumentsText === undefined || got['inputText'] === argumentsText
  return same(got['input'], input ?? {})
}

type Report = (field: string, expected: unknown, got: unknown) => void

function checkError({ protocol, error }: ExpectedAnswer, got: unknown, report: Report): void {
  const { code, message, providerCode } = asObject(got)
  if (!isStreamError(got)) return report('error', 'a StreamError', describe(got))
  if (protocol === 'mcp') {
    // Policy: a tool server's answer is refused, by its name, and not read as a model's.
    if (!/\bMCP\b/.test(String(message))) report('error.message', 'names MCP', message)
    return
  }
  const { kind, message: words, code: itsCode, type } = error ?? {}
  if (kind === 'incomplete' && code !== 'incomplete') report('error.code', 'incomplete', code)
  // Policy: a page is told by its content type where it has one; a second message in one is the provider's fault.
  if (kind === 'protocol' && !/^(protocol|content-type|provider)$/.test(String(code))) {
    report('error.code', 'protocol, content-type or provider', code)
  }
  // A megabyte of a provider's words need not be shown.
  if (words !== undefined && !String(message).includes(words.slice(0, 900))) {
    report('error.message', words, message)
  }
  const names = [itsCode, type].filter((each) => !nothing(each)).map(String)
  if (names.length > 0 && !names.includes(String(providerCode))) {
    report('error.providerCode', names.join(' or '), providerCode)
  }
}

const isStreamError = (value: unknown): boolean =>
  value instanceof Error && value.name === 'StreamError' && typeof asObject(value)['code'] === 'string'

const describe = (value: unknown): unknown =>
  value instanceof Error ? `${value.name}: ${value.message}` : value

function checkUsage(expected: ExpectedAnswer, message: ReadMessage, report: Report): void {
  if (expected.usage === undefined) return
  const usage = message.usage as Loose | undefined
  if (expected.usage === null) {
    if (usage !== undefined) report('usage', undefined, usage)
    return
  }
  if (!usage) return report('usage', expected.usage, usage)
  const raw = expectedRaw(expected)
  if (!contains(usage['raw'], raw)) report('usage.raw', raw, usage['raw'])
  for (const [field, values] of Object.entries(expectedUsage(expected) ?? {})) {
    const got = usage[field]
    // None is as good as unknown where the provider said nothing.
    const isRight = values.some((value) => (nothing(value) ? nothing(got) || got === 0 : got === value))
    if (!isRight) report(`usage.${field}`, values.length > 1 ? values : values[0], got)
  }
}

function checkCalls(expected: ExpectedAnswer, message: ReadMessage, report: Report): void {
  const own = ownCalls(message)
  if (expected.toolCalls) {
    const calls = expected.toolCalls.filter(({ providerExecuted }) => !providerExecuted)
    if (own.length !== calls.length) return report('toolCalls', calls, own.map(showCall))
    calls.forEach((call, index) => {
      if (!isCall(own[index], call)) report(`toolCalls[${index}]`, call, showCall(own[index] ?? {}))
    })
  }
  for (const { toolCallId, content } of expected.toolResults ?? []) {
    const call = own.find((each) => each['toolCallId'] === toolCallId)
    if (!same(call?.['output'], content)) report(`toolResults ${toolCallId}`, content, call?.['output'])
  }
}

function checkParts(expected: ExpectedAnswer, message: ReadMessage, report: Report): void {
  const sources = message.parts
    .filter(({ type }) => type === 'source')
    .map((part) => asObject(asObject(part)['source']))
  const told = sources.map(({ url, id }) => `${String(url)} ${String(id)}`)
  if (new Set(told).size !== told.length) report('sources', 'each once', told)
  for (const citation of expected.citations ?? []) {
    const isThere = sources.some((source) =>
      [source['url'], source['id'], source['title']].includes(citation),
    )
    if (!isThere) report('citations', citation, sources)
  }
  for (const { type, id, data } of expected.dataParts ?? []) {
    const name = type.replace(/^data-/, '')
    const wanted = { type: 'data', name, id, data }
    if (!message.parts.some((part) => contains(part, wanted))) report('dataParts', wanted, message.parts)
  }
}

function checkWhole(expected: ExpectedAnswer, { message, thrown }: Outcome, report: Report): void {
  const { text, textParts, reasoning, reasoningParts, refusal, protocol, finishReason } = expected
  // Policy: of an MCP server nothing is shown.
  const words = protocol === 'mcp' ? '' : text
  const got = textOf(message, 'text')
  if (words !== undefined && !isText(got, words, textParts)) {
    report('text', words, got)
  }
  const thoughts = textOf(message, 'reasoning')
  if (reasoning !== undefined && !isText(thoughts, reasoning, reasoningParts)) {
    report('reasoning', reasoning, thoughts)
  }
  if (!isBlocked(expected)) {
    const said = textOf(message, 'refusal')
    if (said !== (refusal ?? '')) report('refusal', refusal ?? '', said)
  }
  checkCalls(expected, message, report)
  checkParts(expected, message, report)
  checkUsage(expected, message, report)

  const reason = expectedReason(expected)
  const isWrong = !!expected.error || protocol === 'mcp'
  if (finishReason !== undefined) {
    // Policy: the word of a blocked prompt is the reason for which it was blocked.
    const word = finishReason ?? (isBlocked(expected) ? refusal : undefined)
    if (message.rawFinishReason !== word) report('rawFinishReason', word, message.rawFinishReason)
    // Without the provider's word there is none of ours, but that what failed has failed.
    if (message.finishReason !== (reason ?? (isWrong ? 'error' : undefined))) {
      report('finishReason', reason ?? (isWrong ? 'error' : undefined), message.finishReason)
    }
  }

  // Policy: a reason that is an error (MALFORMED_FUNCTION_CALL) makes the message fail.
  const fails = isWrong || reason === 'error'
  const status = fails ? 'error' : reason === 'aborted' ? 'aborted' : 'done'
  if (message.status !== status) report('status', status, message.status)
  if (isWrong) {
    if (!thrown) return report('finished', 'rejects', 'resolved')
    checkError(expected, thrown.reason, report)
    if (message.error !== thrown.reason) report('error', describe(thrown.reason), describe(message.error))
  } else if (thrown && !fails) report('finished', 'resolves', describe(thrown.reason))
}

/** A body that was cut shows nothing but a beginning of the whole, and says that it is one. */
function checkCut(expected: ExpectedAnswer, whole: ReadMessage, outcome: Outcome, report: Report): void {
  const { message, thrown } = outcome
  for (const type of ['text', 'reasoning', 'refusal']) {
    const got = textOf(message, type)
    if (!textOf(whole, type).startsWith(got)) report(type, `a beginning of ${textOf(whole, type)}`, got)
  }
  // An id that the client makes up is another one each time.
  const bare = (call: Loose, index: number): Loose =>
    expected.toolCalls?.[index]?.id === null ? { ...call, toolCallId: null } : call
  const calls = ownCalls(whole).map(bare)
  const own = ownCalls(message).map(bare)
  if (own.length > calls.length) report('toolCalls', calls.map(showCall), own.map(showCall))
  own.forEach((call, index) => {
    const { inputText, toolName, toolCallId, input } = calls[index] ?? {}
    const isBeginning =
      String(inputText).startsWith(String(call['inputText'])) &&
      // What may be run must be what was meant.
      (call['input'] === undefined || call['invalid'] || same(call['input'], input)) &&
      call['toolName'] === toolName &&
      call['toolCallId'] === toolCallId
    if (!isBeginning) report(`toolCalls[${index}]`, showCall(calls[index] ?? {}), showCall(call))
  })
  if (thrown && !isStreamError(thrown.reason)) report('finished', 'a StreamError', describe(thrown.reason))
  if (message.status === 'streaming') report('status', 'an end', message.status)
  if ((message.status === 'error') !== !!thrown) {
    report('finished', message.status, thrown ? describe(thrown.reason) : 'resolved')
  }
  if (message.status !== 'done' || ENDS_AT_CLOSE.has(expected.protocol)) return
  for (const type of ['text', 'reasoning', 'refusal']) {
    if (textOf(message, type) !== textOf(whole, type)) report('status', 'error', 'done')
  }
  if (!same(own.map(showCall), calls.map(showCall))) report('status', 'error', 'done')
}

async function read(streamMessage: StreamMessage, body: Body, contentType: string): Promise<Outcome> {
  const stream = streamMessage('https://api.test/', {
    // A GET whose events have ids would be resumed.
    method: 'POST',
    body: '{}',
    fetch: async () => new Response(body, { headers: { 'content-type': contentType } }),
    retry: false,
    timeout: { connect: 0, firstEvent: 0, idle: 0 },
  })
  try {
    await stream.finished
    return { message: stream.message }
  } catch (reason) {
    return { message: stream.message, thrown: { reason } }
  }
}

/** Whether a protocol is one that need not be read. */
export const isOptional = (protocol: string): boolean => OPTIONAL.has(protocol)

/**
 * Reads a recorded body as a message and compares it with what an independent reader made of it: whole, a byte at a
 * time, in uneven pieces, and cut after every byte. Finish reasons and usage are compared as the provider sent them,
 * and in our words by tables of this file's own. Of all cuts that are wrong in a field, the first is told.
 *
 * @param streamMessage Core's; no request leaves it.
 * @throws Nothing that `streamMessage` does: it is a difference.
 * @example
 * const differences = await checkFixture({ name, body, contentType, expected }, streamMessage)
 */
export async function checkFixture(
  fixture: Fixture,
  streamMessage: StreamMessage,
  options: CheckFixtureOptions = {},
): Promise<Difference[]> {
  const { name, body, contentType, expected } = fixture
  const differences: Difference[] = []
  const reporter =
    (feeding: string): Report =>
    (field, expected, got) =>
      void differences.push({ fixture: name, feeding, field, expected, got })

  async function feed(feeding: string, bytes: Body): Promise<Outcome | undefined> {
    try {
      return await read(streamMessage, bytes, contentType)
    } catch (error) {
      reporter(feeding)('streamMessage', 'returns', describe(error))
      return undefined
    }
  }

  const whole = await feed('whole', body)
  if (!whole) return differences
  checkWhole(expected, whole, reporter('whole'))
  for (const [feeding, sizes] of [
    ['by byte', [1]],
    ['in pieces', PIECES],
  ] as const) {
    const outcome = await feed(feeding, streamOf(cut(body, ...sizes)))
    if (outcome) checkWhole(expected, outcome, reporter(feeding))
  }

  const told = new Set<string>()
  const step = Math.max(1, Math.ceil(body.length / (options.maxCuts ?? Infinity)))
  for (let at = 0; at < body.length; at += step) {
    // Policy: what is called text and is too short to be told from it is text.
    const isText = contentType.startsWith('text/plain') && expected.protocol !== 'plain-text'
    if (isText && at > 0 && at < LONGEST_FIELD) continue
    const feeding = `cut after ${at} bytes`
    const outcome = await feed(feeding, body.subarray(0, at))
    if (!outcome) break
    checkCut(expected, whole.message, outcome, (field, expected, got) => {
      if (told.has(field)) return
      told.add(field)
      reporter(feeding)(field, expected, got)
    })
  }
  return differences
}
