import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from './delta-writer.ts'
import { extractThinking } from './extract-thinking.ts'
import type { ExtractThinkingOptions } from './extract-thinking.ts'
import { createMessageBuilder } from './message.ts'
import type { MessageDelta, Part } from './types.ts'

function transform(deltas: readonly MessageDelta[], options?: ExtractThinkingOptions): MessageDelta[] {
  const thinking = extractThinking(options)()
  return [...deltas.flatMap((delta) => thinking.read(delta)), ...thinking.end()]
}

function build(deltas: readonly MessageDelta[]): readonly Part[] {
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return builder.snapshot().parts
}

const text = (delta: string, part = 0): MessageDelta => ({ type: 'text-delta', part, delta })
const finish: MessageDelta = { type: 'finish', finishReason: 'stop' }

/** What becomes of a text, as `kind: text` lines; the same however it is cut. */
function read(whole: string, options?: ExtractThinkingOptions): string[] {
  const show = (deltas: MessageDelta[]): string[] =>
    build(transform(deltas, options)).map((part) => `${part.type}: ${'text' in part ? part.text : ''}`)
  const shown = show([text(whole)])
  expect(show([...whole].map((char) => text(char)))).toEqual(shown)
  for (let at = 1; at < whole.length; at++) {
    expect(show([text(whole.slice(0, at)), text(whole.slice(at))]), `cut at ${at}`).toEqual(shown)
  }
  return shown
}

describe('a text', () => {
  it.each<[string, string[]]>([
    ['<think>Hm.</think>Yes.', ['reasoning: Hm.', 'text: Yes.']],
    ['\n <think>\nHm.\n</think>\n\nYes.\n', ['reasoning: Hm.\n', 'text: Yes.\n']],
    ['<think>a</think> <think>b</think> c', ['reasoning: a', 'reasoning: b', 'text: c']],
    ['<think>a</think>b<think>c</think>', ['reasoning: a', 'text: b<think>c</think>']],
    ['<think>\n\n</think>\n\nYes.', ['text: Yes.']],
    ['<think></think>', []],
    ['<think>a</think>', ['reasoning: a']],
    ['<think>a</think> \n', ['reasoning: a']],
    ['<think>a</think> <thi', ['reasoning: a', 'text: <thi']],
    ['<think>a', ['reasoning: a']],
    ['<think>a</thi', ['reasoning: a</thi']],
    ['<think>a </ b < c</think>d', ['reasoning: a </ b < c', 'text: d']],
    ['<think>a<<</think>b', ['reasoning: a<<', 'text: b']],
    ['<think>a<think>b</think>c</think>', ['reasoning: a<think>b', 'text: c</think>']],
    ['<thi', ['text: <thi']],
    ['<thick>a', ['text: <thick>a']],
    ['  <b>a', ['text:   <b>a']],
    ['  ', ['text:   ']],
    ['Write <think>a</think>.', ['text: Write <think>a</think>.']],
    ['a</think>b', ['text: a</think>b']],
  ])('%j', (whole, parts) => {
    expect(read(whole)).toEqual(parts)
  })

  it('that is empty is a part all the same', () => {
    expect(transform([text(''), finish])).toEqual([text(''), finish])
  })

  it('may have another tag', () => {
    expect(read('<reason>a</reason>b', { tag: 'reason' })).toEqual(['reasoning: a', 'text: b'])
    expect(read('<think>a</think>b', { tag: 'reason' })).toEqual(['text: <think>a</think>b'])
  })
})

describe('a text that begins inside', () => {
  it.each<[string, string[]]>([
    ['Hm.</think>Yes.', ['reasoning: Hm.', 'text: Yes.']],
    ['\nHm.\n</think>\nYes.', ['reasoning: Hm.\n', 'text: Yes.']],
    ['<think>Hm.</think>Yes.', ['reasoning: Hm.', 'text: Yes.']],
    ['<thi', ['reasoning: <thi']],
    ['</think>Yes.', ['text: Yes.']],
    ['a</think><think>b</think>c', ['reasoning: a', 'reasoning: b', 'text: c']],
    ['a</think>b</think>', ['reasoning: a', 'text: b</think>']],
  ])('%j', (whole, parts) => {
    expect(read(whole, { startsThinking: true })).toEqual(parts)
  })

  it('is only the first one', () => {
    const call: MessageDelta = { type: 'tool-input-start', part: 1, toolCallId: 'a', toolName: 'b' }
    const parts = build(transform([text('Hm.'), call, text('Yes.', 2)], { startsThinking: true }))
    expect(parts.map(({ type }) => type)).toEqual(['reasoning', 'tool', 'text'])
  })

  it('is none when the provider told the reasoning apart', () => {
    const deltas: MessageDelta[] = [{ type: 'reasoning-delta', part: 0, delta: 'Hm.' }, text('Yes.', 1)]
    expect(transform(deltas, { startsThinking: true })).toEqual(deltas)
  })
})

describe('what is held back', () => {
  it('is nothing but what may be a tag', () => {
    const thinking = extractThinking()()
    const deltas = (delta: MessageDelta): string[] =>
      thinking.read(delta).map((each) => ('delta' in each ? each.delta : each.type))
    expect(deltas(text('<think>a<'))).toEqual(['a'])
    expect(deltas(text('b</'))).toEqual(['<b'])
    expect(deltas(text('think> '))).toEqual([])
    expect(deltas(text('<'))).toEqual([])
    expect(deltas(text('b'))).toEqual(['<b'])
    expect(deltas(text('</think><'))).toEqual(['</think><'])
    expect(thinking.end()).toEqual([])
  })

  it.each<MessageDelta>([
    finish,
    { type: 'tool-input-start', part: 1, toolCallId: 'a', toolName: 'b' },
    { type: 'reasoning-delta', part: 1, delta: 'x' },
    { type: 'refusal-delta', part: 1, delta: 'x' },
    text('x', 1),
  ])('is text when this follows: $type', (delta) => {
    const thinking = extractThinking()()
    expect(thinking.read(text(' <thi'))).toEqual([])
    expect(thinking.read(delta)[0]).toEqual(text(' <thi'))
  })

  it('is given back once, at the end of a stream that broke', () => {
    const thinking = extractThinking()()
    thinking.read(text('<thi'))
    expect(thinking.end()).toEqual([text('<thi')])
    expect(thinking.end()).toEqual([])
  })
})

describe('parts', () => {
  it('are counted anew', () => {
    const deltas: MessageDelta[] = [
      { type: 'start', dialect: 'x' },
      text('<think>a</think>b'),
      { type: 'source', source: { url: 'u' } },
      { type: 'tool-input-start', part: 2, toolCallId: 'c', toolName: 'f' },
      { type: 'tool-input-delta', part: 2, delta: '{}' },
      { type: 'data', name: 'n', id: '1', data: 1 },
      { type: 'data', name: 'n', id: '1', data: 2 },
      { type: 'data', name: 'n', data: 0, transient: true },
      { type: 'file', url: 'f', mediaType: 'm' },
      { type: 'tool-input-available', part: 2, input: {} },
      { type: 'part-metadata', part: 2, providerMetadata: { p: { of: 'tool' } } },
      { type: 'part-metadata', part: 0, providerMetadata: { p: { of: 'text' } } },
      text('<think>d</think>e', 5),
      { type: 'part-metadata', part: 5, providerMetadata: { p: { of: 'text' } } },
      { type: 'tool-output', toolCallId: 'c', output: 1 },
      finish,
    ]
    expect(build(transform(deltas))).toMatchObject([
      { type: 'reasoning', text: 'a' },
      { type: 'text', text: 'b', providerMetadata: { p: { of: 'text' } } },
      { type: 'source' },
      { type: 'tool', inputText: '{}', input: {}, output: 1, providerMetadata: { p: { of: 'tool' } } },
      { type: 'data', data: 2 },
      { type: 'file' },
      { type: 'reasoning', text: 'd' },
      { type: 'text', text: 'e', providerMetadata: { p: { of: 'text' } } },
    ])
  })

  it('that come within a tag do not hide it', () => {
    const source: MessageDelta = { type: 'source', source: { url: 'u' } }
    const deltas = [text('<'), source, text('think>a</th'), source, text('ink>b')]
    expect(build(transform(deltas)).map(({ type }) => type)).toEqual([
      'reasoning',
      'source',
      'source',
      'text',
    ])
  })

  it('keep metadata of a text of which nothing is left', () => {
    const metadata: MessageDelta = { type: 'part-metadata', part: 0, providerMetadata: { p: { a: 1 } } }
    const parts = build(transform([text('<think></think>'), metadata, finish]))
    expect(parts).toEqual([{ type: 'text', text: '', providerMetadata: { p: { a: 1 } } }])
  })
})

/** Something that a dialect writes. Texts are made of what tags are made of. */
const words = (tags: boolean): fc.Arbitrary<string> =>
  fc
    .array(
      tags
        ? fc.constantFrom('<think>', '</think>', '<', '</', 'think', '>', ' ', '\n', 'a', 'b')
        : fc.constantFrom('<', '</', '<thin', '<think ', '>', ' ', '\n', 'a', 'é'),
      { maxLength: 6 },
    )
    .map((pieces) => pieces.join(''))

type Step = readonly [kind: string, delta: string, key: number | undefined, cut: number]
const steps = (tags: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.tuple(
      fc.constantFrom(
        'text',
        'text',
        'text',
        'text',
        'reasoning',
        'refusal',
        'tool',
        'tool input',
        'tool end',
        'output',
        'source',
        'file',
        'data',
        'data with id',
        'transient',
        'metadata',
        'tool metadata',
        'usage',
        'finish',
      ),
      words(tags),
      fc.option(fc.nat(2), { nil: undefined }),
      fc.nat(8),
    ),
    { maxLength: 20 },
  )

/** The deltas of these steps, as the writer makes them; texts in one piece or cut. */
function write(list: readonly Step[], cut: boolean): MessageDelta[] {
  const writer = createDeltaWriter('x')
  list.forEach(([kind, delta, key, at], index) => {
    if (kind === 'text' || kind === 'reasoning' || kind === 'refusal') {
      const place = cut ? at : 0
      writer.text(kind, delta.slice(0, place), key)
      for (const char of cut ? delta.slice(place) : [delta]) writer.text(kind, char, key)
    } else if (kind === 'tool') writer.tool(key, `call ${key}`, 'f')
    else if (kind === 'tool input') writer.toolInput(key, delta)
    else if (kind === 'tool end') writer.toolEnd(key, {})
    else if (kind === 'output') writer.toolOutput(`call ${key}`, delta)
    else if (kind === 'source') writer.source({ url: `u${index % 4}` })
    else if (kind === 'file') writer.file('f', 'm')
    else if (kind === 'data') writer.data('n', delta)
    else if (kind === 'data with id') writer.data('n', delta, `${key}`)
    else if (kind === 'transient') writer.data('n', delta, undefined, true)
    else if (kind === 'metadata') writer.metadata('text', key, { p: { [index]: delta } })
    else if (kind === 'tool metadata') writer.metadata('tool', key, { p: { [index]: delta } })
    else if (kind === 'usage') writer.usage({ outputTokens: index, raw: undefined })
    else writer.finish('stop')
  })
  return writer.take()
}

const optionsOf = (startsThinking: boolean): ExtractThinkingOptions => ({ startsThinking })

describe('whatever a dialect writes', () => {
  it('gives deltas that apply, and the same parts however texts are cut', () => {
    fc.assert(
      fc.property(steps(true), fc.boolean(), (list, startsThinking) => {
        const whole = build(transform(write(list, false), optionsOf(startsThinking)))
        expect(build(transform(write(list, true), optionsOf(startsThinking)))).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })

  it('is as it was without tags', () => {
    fc.assert(
      fc.property(steps(false), fc.boolean(), (list, cut) => {
        const deltas = write(list, cut)
        expect(build(transform(deltas))).toEqual(build(deltas))
      }),
      { numRuns: 2000 },
    )
  })

  it('loses no words and changes no order', () => {
    const letters = (parts: readonly Part[]): string =>
      parts
        .map((part) => ('text' in part ? part.text : ''))
        .join('')
        .replace(/[^ab]/g, '')
    fc.assert(
      fc.property(words(true), words(true), (first, second) => {
        const deltas = [text(first), text(second)]
        expect(letters(build(transform(deltas)))).toBe(letters(build(deltas)))
      }),
      { numRuns: 2000 },
    )
  })
})
