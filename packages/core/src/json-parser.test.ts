import { bytesOf, cut, everySplit } from '@rivulet/testkit'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StreamError } from './errors.ts'
import { createJsonParser } from './json-parser.ts'
import type { ServerSentEvent } from './types.ts'

interface Reading {
  readonly data: readonly string[]
  readonly pending: string | undefined
}

function parse(chunks: Iterable<Uint8Array>): Reading {
  const data: string[] = []
  const parser = createJsonParser({ onEvent: (event) => data.push(event.data) })
  for (const chunk of chunks) parser.push(chunk)
  return { data, pending: parser.end()?.data }
}

interface Case {
  readonly name: string
  readonly body: string | Uint8Array
  readonly data: readonly string[]
  readonly pending?: string
}

const PRETTY = '{\n  "a": {\n    "b": [1, 2]\n  }\n}'

const CASES: readonly Case[] = [
  { name: 'nothing', body: '', data: [] },
  { name: 'white space', body: ' \t\r\n\n', data: [] },

  { name: 'one object a line', body: '{"a":1}\n{"a":2}\n', data: ['{"a":1}', '{"a":2}'] },
  { name: 'CRLF', body: '{"a":1}\r\n{"a":2}\r\n', data: ['{"a":1}', '{"a":2}'] },
  { name: 'blank lines', body: '\n{"a":1}\n\n \r\n{"a":2}\n\n', data: ['{"a":1}', '{"a":2}'] },
  { name: 'no LF at the end', body: '{"a":1}\n{"a":2}', data: ['{"a":1}', '{"a":2}'] },
  { name: 'objects in a row', body: '{"a":1}{"a":2} {}', data: ['{"a":1}', '{"a":2}', '{}'] },
  { name: 'RFC 7464 sequences', body: '\x1e{"a":1}\n\x1e{"a":2}\n', data: ['{"a":1}', '{"a":2}'] },
  { name: 'white space in objects', body: ' {\t"a" : 1 } \n', data: ['{\t"a" : 1 }'] },
  { name: 'one object on many lines', body: `${PRETTY}\n`, data: [PRETTY] },
  { name: 'objects on many lines', body: `${PRETTY}\n${PRETTY}`, data: [PRETTY, PRETTY] },

  { name: 'an array', body: '[{"a":1},{"a":2}]', data: ['{"a":1}', '{"a":2}'] },
  { name: 'an array in pieces', body: '[{"a":1}\n,\r\n{"a":2}\n]\n', data: ['{"a":1}', '{"a":2}'] },
  { name: 'an array of objects on many lines', body: `[${PRETTY},\n${PRETTY}\n]`, data: [PRETTY, PRETTY] },
  { name: 'an empty array', body: '[ \n]', data: [] },
  {
    name: 'an array of anything',
    body: '[1, -2.5e3 ,true,null, "a, ]b" ,"",[],[[1],{"b":[2]}],{}]',
    data: ['1', '-2.5e3', 'true', 'null', '"a, ]b"', '""', '[]', '[[1],{"b":[2]}]', '{}'],
  },
  { name: 'an array element on a line', body: '[\n1\n,\n2\n]', data: ['1', '2'] },
  {
    name: 'records after an array',
    body: '[{"a":1}]\n{"a":2}\n[{"a":3}]',
    data: ['{"a":1}', '{"a":2}', '{"a":3}'],
  },

  {
    name: 'brackets and quotes in strings',
    body: '{"}":"]{[\\"}","\\\\":"\\\\\\""}{"\\\\\\\\":"\\\\"}\n[{"a":"}]"},"\\"]"]',
    data: ['{"}":"]{[\\"}","\\\\":"\\\\\\""}', '{"\\\\\\\\":"\\\\"}', '{"a":"}]"}', '"\\"]"'],
  },
  {
    name: 'UTF-8 of every length',
    body: '{"a":"é€🙂\u{10FFFF}\u2028"}\n',
    data: ['{"a":"é€🙂\u{10FFFF}\u2028"}'],
  },
  { name: 'escaped UTF-16', body: '{"a":"\\ud83d\\ude42"}', data: ['{"a":"\\ud83d\\ude42"}'] },
  {
    name: 'bytes that are no UTF-8',
    body: Uint8Array.from([...bytesOf('{"a":"'), 0xff, 0xc3, ...bytesOf('"}')]),
    data: ['{"a":"\uFFFD\uFFFD"}'],
  },
  { name: 'one BOM is dropped', body: '\uFEFF{"a":1}', data: ['{"a":1}'] },
  { name: 'a second BOM is text', body: '\uFEFF\uFEFF{"a":1}\n{}', data: ['\uFEFF{"a":1}', '{}'] },

  {
    name: 'a line that is no JSON',
    body: '{"a":1}\nerror: upstream said {"no"}, [twice]\r\n{"a":2}\n',
    data: ['{"a":1}', 'error: upstream said {"no"}, [twice]', '{"a":2}'],
  },
  { name: 'a page', body: '<html>\n<p>{}</p>\n', data: ['<html>', '<p>{}</p>'] },
  { name: 'bare values', body: '1\n"a"\ntrue \nnull\n', data: ['1', '"a"', 'true', 'null'] },
  { name: 'a lone quote', body: '"\n{"a":1}\n', data: ['"', '{"a":1}'] },
  { name: 'text after an object', body: '{"a":1} and more\n', data: ['{"a":1}', 'and more'] },
  { name: 'text after an array', body: '[1]oh\n', data: ['1', 'oh'] },
  { name: 'text in an array', body: '[{"a":1},\nerror: no\n,2]', data: ['{"a":1}', 'error: no', '2'] },
  { name: 'stray commas', body: ',{"a":1},,\n,[,1,,2,],', data: ['{"a":1}', '1', '2'] },
  { name: 'a stray ]', body: '{"a":1}]\n{"a":2}\n', data: ['{"a":1}', ']', '{"a":2}'] },
  { name: 'a stray }', body: '}{"a":1}\n{"a":2}\n', data: ['}{"a":1}', '{"a":2}'] },
  { name: 'brackets that do not match', body: '{"a":[1}}\n{"b":2}\n', data: ['{"a":[1}}', '{"b":2}'] },

  { name: 'a cut-off object', body: '{"a":1}\n{"a":', data: ['{"a":1}'], pending: '{"a":' },
  { name: 'a cut-off string', body: '{"a":"}', data: [], pending: '{"a":"}' },
  { name: 'a cut-off escape', body: '{"a":"\\', data: [], pending: '{"a":"\\' },
  { name: 'a last line of text', body: 'error: no', data: ['error: no'] },
  { name: 'a last line and spaces', body: '12 \t', data: ['12'] },
  { name: 'an array that only began', body: '[', data: [], pending: '[' },
  { name: 'an array without its end', body: '[{"a":1}\n, ', data: ['{"a":1}'], pending: '[' },
  { name: 'an array cut off in an object', body: '[{"a":1},{"a', data: ['{"a":1}'], pending: '[{"a' },
  { name: 'an array cut off in a number', body: '[1, 2', data: ['1'], pending: '[2' },
  { name: 'an array cut off in a string', body: '["a", "]', data: ['"a"'], pending: '["]' },
  {
    name: 'a cut-off character',
    body: Uint8Array.from([...bytesOf('{"a":"'), 0xf0, 0x9f, 0x99]),
    data: [],
    pending: '{"a":"\uFFFD',
  },
]

/** How big the pieces are, in turn. */
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 })

describe('createJsonParser', () => {
  it.each(CASES)('reads $name, in every cutting', ({ body, data, pending }) => {
    for (const feed of everySplit(body)) expect(parse(feed.chunks), feed.name).toEqual({ data, pending })
  })

  it('makes message events without an id', () => {
    const events: ServerSentEvent[] = []
    const parser = createJsonParser({
      onEvent: (event) => events.push(event),
      onRetry: () => events.pop(),
      onComment: () => events.pop(),
    })
    parser.push(bytesOf('{"id":"7","retry":1}\n: ping\nretry: 5\n1'))
    expect(events).toEqual([
      { type: 'message', data: '{"id":"7","retry":1}', lastEventId: '' },
      { type: 'message', data: ': ping', lastEventId: '' },
      { type: 'message', data: 'retry: 5', lastEventId: '' },
    ])
    expect(parser.end()).toBeUndefined()
    expect(events.at(-1)).toEqual({ type: 'message', data: '1', lastEventId: '' })
    expect(parser.lastEventId).toBe('')
  })

  it('dispatches a record with the byte that closes it, not later', () => {
    const body = '[{"a":[1]},"b",[2]\n,3]{"c":{}}d\n'
    const seen: string[] = []
    const when: Record<string, string> = {}
    const parser = createJsonParser({ onEvent: ({ data }) => seen.push(data) })
    for (let at = 0; at < body.length; at++) {
      parser.push(bytesOf(body[at] as string))
      for (const data of seen.splice(0)) when[data] = body.slice(0, at + 1)
    }
    expect(when).toEqual({
      '{"a":[1]}': '[{"a":[1]}',
      '"b"': '[{"a":[1]},"b"',
      '[2]': '[{"a":[1]},"b",[2]',
      '3': '[{"a":[1]},"b",[2]\n,3]',
      '{"c":{}}': '[{"a":[1]},"b",[2]\n,3]{"c":{}}',
      d: body,
    })
  })

  it('gives the values of any body, however it is written and cut', () => {
    const text = fc.string({ unit: 'binary' })
    const key = fc.oneof(fc.string(), fc.constantFrom('{', '}', '[', ']', '"', '\\', '\\"', ',', '\n', '🙂'))
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text,
        key,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    })).value
    const gap = fc.constantFrom('', ' ', '\n', '\r\n', '\t\n\n ')
    const values = fc.array(value, { maxLength: 8 })
    const indent = fc.constantFrom(0, 2, '\t')
    const lines = fc.tuple(values, fc.constantFrom('\n', '\r\n', '\n\n')).map(([list, end]) => ({
      body: list.map((each) => JSON.stringify(each) + end).join(''),
      // A line with an array is that array's elements.
      expected: list.flatMap((each) => each),
    }))
    const array = fc.tuple(values, indent, gap, gap, gap).map(([list, space, before, within, after]) => ({
      body: `${before}[${within}${list
        .map((each) => JSON.stringify(each, null, space))
        .join(`${after},${before}`)}${within}]${after}`,
      expected: list,
    }))
    const whole = fc.tuple(values, indent).map(([list, space]) => ({
      body: JSON.stringify({ list }, null, space),
      expected: [{ list }],
    }))
    fc.assert(
      fc.property(fc.oneof(lines, array, whole), sizes, ({ body, expected }, cuts) => {
        const { data, pending } = parse(cut(body, ...cuts))
        expect(data.map((each) => JSON.parse(each) as unknown)).toEqual(
          JSON.parse(JSON.stringify(expected)) as unknown,
        )
        expect(pending).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })

  it('reads any bytes the same, however they are cut', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '\n',
      '\r',
      ' ',
      'a',
      '1',
      '🙂',
      '{"a":1}',
    )
    const body = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((pieces) => bytesOf(pieces.join(''))),
      fc.uint8Array({ maxLength: 80 }),
    )
    fc.assert(
      fc.property(body, sizes, (bytes, cuts) => {
        expect(parse(cut(bytes, ...cuts))).toEqual(parse([bytes]))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['NDJSON', '{"a":"é"}\n{"b":[1,2]}\r\n{"c":"\\""}\n'],
    ['an array', '[{"a":"é"},\n  {"b":[1,2]},\n  {"c":"\\""}\n]\n'],
  ])('gives of %s that is cut off the records before the cut', (_, body) => {
    const bytes = bytesOf(body)
    const { data } = parse([bytes])
    expect(data).toHaveLength(3)
    for (let end = 0; end < bytes.length; end++) {
      const reading = parse([bytes.slice(0, end)])
      expect(reading.data, `cut at ${end}`).toEqual(data.slice(0, reading.data.length))
    }
  })

  it('reads nesting of any depth', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    expect(parse(cut(`{"a":${deep}}\n{}`, 10_000)).data).toEqual([`{"a":${deep}}`, '{}'])
    expect(parse(cut('{"a":'.repeat(200_000), 10_000)).data).toEqual([])
  })

  it('refuses text, which would have been decoded already', () => {
    const parser = createJsonParser({ onEvent: () => {} })
    expect(() => parser.push('{}' as unknown as Uint8Array)).toThrow(TypeError)
  })

  it('lets through what a callback throws', () => {
    const parser = createJsonParser({
      onEvent: () => {
        throw new RangeError('mine')
      },
    })
    expect(() => parser.push(bytesOf('{}'))).toThrow(new RangeError('mine'))
  })
})

describe('maxEventBytes of JSON', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  function read(chunks: readonly Uint8Array[], maxEventBytes: number): { data: string[]; limited: boolean } {
    const data: string[] = []
    const parser = createJsonParser({ maxEventBytes, onEvent: (event) => data.push(event.data) })
    try {
      for (const chunk of chunks) parser.push(chunk)
      parser.end()
    } catch (error) {
      expect(error).toBeInstanceOf(StreamError)
      expect(error).toMatchObject({ code: 'limit', retryable: false })
      return { data, limited: true }
    }
    return { data, limited: false }
  }

  const object = (length: number): string => `{"a":"${'x'.repeat(length - 8)}"}`

  it.each([
    { name: 'an object of just the limit', body: object(100), limited: false, events: 1 },
    { name: 'an object one byte longer', body: object(101), limited: true, events: 0 },
    { name: 'bytes, not characters: within', body: `{"a":"${'é'.repeat(46)}"}`, limited: false, events: 1 },
    { name: 'bytes, not characters: beyond', body: `{"a":"${'é'.repeat(46)}x"}`, limited: true, events: 0 },
    { name: 'emoji within', body: `{"a":"${'🙂'.repeat(23)}"}`, limited: false, events: 1 },
    { name: 'emoji beyond', body: `{"a":"${'🙂'.repeat(23)}x"}`, limited: true, events: 0 },
    { name: 'three bytes a unit', body: `{"a":"${'€'.repeat(31)}"}`, limited: true, events: 0 },
    { name: 'many records', body: `${object(60)}\n`.repeat(20), limited: false, events: 20 },
    { name: 'an array of many', body: `[${`${object(60)},\n`.repeat(20)}]`, limited: false, events: 20 },
    {
      name: 'white space between',
      body: `[${' '.repeat(300)}]${'\n'.repeat(300)}`,
      limited: false,
      events: 0,
    },
    { name: 'a line of just the limit', body: `${'x'.repeat(100)}\n`, limited: false, events: 1 },
    { name: 'a line one byte longer', body: `${'x'.repeat(101)}\n`, limited: true, events: 0 },
    { name: 'an endless line', body: 'x'.repeat(300), limited: true, events: 0 },
    { name: 'an endless string', body: `{"a":"${'x'.repeat(300)}`, limited: true, events: 0 },
    { name: 'bottomless nesting', body: '{"a":'.repeat(300), limited: true, events: 0 },
    { name: 'records before the one beyond', body: `{}[1,${object(101)}]`, limited: true, events: 2 },
  ])('$name: limited is $limited, in every cutting', ({ body, limited, events }) => {
    for (const feed of everySplit(body)) {
      const reading = read(feed.chunks, 100)
      expect(reading.limited, feed.name).toBe(limited)
      expect(reading.data, feed.name).toHaveLength(events)
    }
  })

  it('meets the limit at the same byte in any cutting', () => {
    const piece = fc.constantFrom(
      '{"a":"é🙂"}',
      '[',
      ']',
      ',',
      '\n',
      ' '.repeat(20),
      '{"',
      '€'.repeat(20),
      '\\',
      '"}',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        sizes,
        fc.integer({ min: 1, max: 150 }),
        (pieces, cuts, max) => {
          const bytes = bytesOf(pieces.join(''))
          expect(read(cut(bytes, ...cuts), max)).toEqual(read([bytes], max))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('is 16 MiB by default', () => {
    const mebibyte = bytesOf('x'.repeat(1024 * 1024))
    const parser = createJsonParser({ onEvent: () => {} })
    for (let i = 0; i < 16; i++) parser.push(mebibyte)
    expect(() => parser.push(bytesOf('x'))).toThrow(StreamError)
  })

  it('counts what it holds a few dozen times at most, not with each chunk', () => {
    const encode = vi.spyOn(TextEncoder.prototype, 'encode')
    const bytes = bytesOf(object(1024 * 1024))
    expect(read(cut(bytes, 7), bytes.length)).toMatchObject({ limited: false, data: { length: 1 } })
    const counted = encode.mock.calls.reduce((sum, [text = '']) => sum + text.length, 0)
    expect(counted).toBeGreaterThan(bytes.length)
    expect(counted).toBeLessThan(bytes.length * 50)
  })
})
