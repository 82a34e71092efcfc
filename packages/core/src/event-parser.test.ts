import { bytesOf, cut, everySplit } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventParser } from './event-parser.ts'
import { StreamError } from './errors.ts'
import type { ServerSentEvent } from './types.ts'

interface Reading {
  readonly events: readonly ServerSentEvent[]
  readonly retries: readonly number[]
  readonly comments: readonly string[]
  readonly lastEventId: string
  readonly pending: ServerSentEvent | undefined
}

function parse(chunks: Iterable<Uint8Array>): Reading {
  const events: ServerSentEvent[] = []
  const retries: number[] = []
  const comments: string[] = []
  const parser = createEventParser({
    onEvent: (event) => events.push(event),
    onRetry: (milliseconds) => retries.push(milliseconds),
    onComment: (comment) => comments.push(comment),
  })
  for (const chunk of chunks) parser.push(chunk)
  const { lastEventId } = parser
  return { events, retries, comments, lastEventId, pending: parser.end() }
}

const message = (data: string, lastEventId = ''): ServerSentEvent => ({ type: 'message', data, lastEventId })
const named = (type: string, data: string, lastEventId = ''): ServerSentEvent => ({ type, data, lastEventId })

interface Case {
  readonly name: string
  readonly body: string | Uint8Array
  readonly events: readonly ServerSentEvent[]
  readonly retries?: readonly number[]
  readonly comments?: readonly string[]
  /** Default: that of the last event. */
  readonly lastEventId?: string
  readonly pending?: ServerSentEvent
}

/** HTML 9.2.6, sentence by sentence. */
const CASES: readonly Case[] = [
  { name: 'nothing', body: '', events: [] },
  { name: 'a data line and a blank line', body: 'data: hi\n\n', events: [message('hi')] },
  { name: 'no space after the colon', body: 'data:hi\n\n', events: [message('hi')] },
  { name: 'only one space is taken', body: 'data:  hi\n\n', events: [message(' hi')] },
  { name: 'a tab is no space', body: 'data:\thi\n\n', events: [message('\thi')] },
  { name: 'trailing spaces stay', body: 'data: hi  \n\n', events: [message('hi  ')] },
  { name: 'a colon in the value', body: 'data: a: b:c\n\n', events: [message('a: b:c')] },
  { name: 'data lines are joined with LF', body: 'data: a\ndata:\ndata: b\n\n', events: [message('a\n\nb')] },
  { name: 'leading empty data lines count', body: 'data\ndata: a\n\n', events: [message('\na')] },
  { name: 'a field without a colon has an empty value', body: 'data\n\n', events: [message('')] },
  { name: 'two empty data lines', body: 'data\ndata\n\n', events: [message('\n')] },
  { name: 'CR ends a line', body: 'data: a\rdata: b\r\r', events: [message('a\nb')] },
  { name: 'CRLF ends a line', body: 'data: a\r\ndata: b\r\n\r\n', events: [message('a\nb')] },
  {
    name: 'LF CR LF are two line ends',
    body: 'data: a\n\r\ndata: b\n\n',
    events: [message('a'), message('b')],
  },
  {
    name: 'CR CRLF are two line ends',
    body: 'data: a\r\r\ndata: b\r\r',
    events: [message('a'), message('b')],
  },
  {
    name: 'CR LF LF are two line ends',
    body: 'data: a\r\n\ndata: b\n\n',
    events: [message('a'), message('b')],
  },
  {
    name: 'U+2028 and VT end no line',
    body: 'data: a\u2028b\vc\fd\u0085e\n\n',
    events: [message('a\u2028b\vc\fd\u0085e')],
  },
  { name: 'blank lines alone', body: '\n\n\r\n\r\r\n', events: [] },
  {
    name: 'an event type',
    body: 'event: ping\ndata: 1\n\ndata: 2\n\n',
    events: [named('ping', '1'), message('2')],
  },
  { name: 'an empty event type is message', body: 'event: x\nevent:\ndata: 1\n\n', events: [message('1')] },
  { name: 'the last event type wins', body: 'event: a\ndata: 1\nevent: b\n\n', events: [named('b', '1')] },
  {
    name: 'a type without data is no event and is forgotten',
    body: 'event: a\n\ndata: 1\n\n',
    events: [message('1')],
  },
  {
    name: 'a type may be the name of an object property',
    body: 'event: __proto__\ndata: 1\n\n',
    events: [named('__proto__', '1')],
  },
  {
    name: 'ids stay until the next',
    body: 'id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n',
    events: [message('a', '1'), message('b', '1'), message('c', '2')],
  },
  {
    name: 'an empty id resets',
    body: 'id: 1\ndata: a\n\nid\ndata: b\n\n',
    events: [message('a', '1'), message('b')],
  },
  {
    name: 'an id with NUL is ignored',
    body: 'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    events: [message('a', '1'), message('b', '1')],
  },
  {
    name: 'an id alone counts as dispatched',
    body: 'data: a\n\nid: 7\n\n',
    events: [message('a')],
    lastEventId: '7',
  },
  {
    name: 'an id whose block is cut off does not',
    body: 'id: 1\ndata: a\n\nid: 2\ndata: b\n',
    events: [message('a', '1')],
    lastEventId: '1',
    pending: message('b', '2'),
  },
  {
    name: 'comments',
    body: ': one\n:two\n:\ndata: a\n:  three\n\n',
    events: [message('a')],
    comments: ['one', 'two', '', ' three'],
  },
  { name: 'a comment alone is no event', body: ': ping\n\n', events: [], comments: ['ping'] },
  {
    name: 'unknown fields',
    body: 'Data: a\n data: b\ndat: c\ndata : d\nfoo\ndatax: e\ndata: f\n\n',
    events: [message('f')],
  },
  { name: 'retry in digits', body: 'retry: 1000\nretry: 0200\n\n', events: [], retries: [1000, 200] },
  {
    name: 'retry with anything else',
    body: 'retry: 1e3\nretry: 5x\nretry: -1\nretry: 1.5\nretry:\nretry: ٣\nretry:  7\n\n',
    events: [],
  },
  { name: 'retry needs no blank line', body: 'retry: 3', events: [] },
  { name: 'retry at the end of a line', body: 'retry: 3\n', events: [], retries: [3] },
  { name: 'one BOM is dropped', body: '\uFEFFdata: a\n\n', events: [message('a')] },
  {
    name: 'a second BOM belongs to the field name',
    body: '\uFEFF\uFEFFdata: a\n\ndata: b\n\n',
    events: [message('b')],
  },
  {
    name: 'a BOM later on is text',
    body: 'data: a\n\n\uFEFFdata: b\n\ndata: \uFEFFc\n\n',
    events: [message('a'), message('\uFEFFc')],
  },
  { name: 'UTF-8 of every length', body: 'data: é€🙂\u{10FFFF}\n\n', events: [message('é€🙂\u{10FFFF}')] },
  {
    name: 'bytes that are no UTF-8',
    body: Uint8Array.from([100, 97, 116, 97, 58, 0xff, 0xc3, 0x28, 10, 10]),
    events: [message('\uFFFD\uFFFD(')],
  },
  { name: 'NUL in data', body: 'data: a\0b\n\n', events: [message('a\0b')] },
  {
    name: 'no blank line at the end',
    body: 'data: a\n\ndata: b\n',
    events: [message('a')],
    pending: message('b'),
  },
  {
    name: 'no line end at the end',
    body: 'data: a\n\nevent: x\ndata: b',
    events: [message('a')],
    pending: named('x', 'b'),
  },
  { name: 'a cut-off block without data', body: 'data: a\n\nevent: x\nid: 4', events: [message('a')] },
  { name: 'a cut-off id', body: 'data: a\nid: 4', events: [], pending: message('a') },
  { name: 'a cut-off comment', body: ': pi', events: [] },
  {
    name: 'a cut-off character',
    body: Uint8Array.from([...bytesOf('data: '), 0xf0, 0x9f, 0x99]),
    events: [],
    pending: message('\uFFFD'),
  },
  {
    name: 'many events',
    body: 'data: 1\n\n'.repeat(40),
    events: Array.from({ length: 40 }, () => message('1')),
  },
  {
    name: 'lines longer than what is gathered',
    body: `data: ${'é'.repeat(700)}\n\n`,
    events: [message('é'.repeat(700))],
  },
]

describe('createEventParser', () => {
  it.each(CASES)(
    'reads $name, in every cutting',
    ({ body, events, retries, comments, lastEventId, pending }) => {
      const bytes = bytesOf(body)
      const expected: Reading = {
        events,
        retries: retries ?? [],
        comments: comments ?? [],
        lastEventId: lastEventId ?? events.at(-1)?.lastEventId ?? '',
        pending,
      }
      for (const feed of everySplit(bytes)) expect(parse(feed.chunks), feed.name).toEqual(expected)
    },
  )

  it('reads any bytes the same, however they are cut', () => {
    const piece = fc.constantFrom(
      'data',
      'data:',
      'event:',
      'id:',
      'id',
      'retry:',
      ':',
      ' ',
      'x',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      'é',
      '🙂',
      '\uFEFF',
      '\0',
      '7',
      'data: {"a":1}\n\n',
      'y'.repeat(200),
    )
    const body = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((pieces) => bytesOf(pieces.join(''))),
      fc.uint8Array({ maxLength: 80 }),
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(body, sizes, (bytes, cuts) => {
        expect(parse(cut(bytes, ...cuts))).toEqual(parse([bytes]))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads text that is ASCII here and not there the same, in chunks of every size', () => {
    const piece = fc.constantFrom(
      `data: ${'a'.repeat(150)}\n\n`,
      `data: ${'流式回答'.repeat(30)}\n\n`,
      `data: ${'🙂é'.repeat(40)}`,
      'data: é\r\n\r\n',
      '\t',
      '\n',
      'x'.repeat(140),
    )
    const part = fc.oneof(
      piece.map((text) => bytesOf(text)),
      fc.uint8Array({ min: 0x7e, max: 0xff, maxLength: 6 }),
    )
    const body = fc
      .array(part, { maxLength: 20 })
      .map((parts) => Uint8Array.from(parts.flatMap((bytes) => [...bytes])))
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(body, sizes, (bytes, cuts) => {
        expect(parse(cut(bytes, ...cuts))).toEqual(parse([bytes]))
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps no chunk: a source may use its buffer again', () => {
    for (const size of [1, 7, 100, 1000]) {
      const seen: string[] = []
      const parser = createEventParser({ onEvent: ({ data }) => seen.push(data) })
      const buffer = new Uint8Array(size)
      for (const chunk of cut(`data: ${'é🙂 '.repeat(400)}\n\ndata: b\n\n`, size)) {
        buffer.set(chunk)
        parser.push(buffer.subarray(0, chunk.length))
        buffer.fill(0)
      }
      expect(seen).toEqual(['é🙂 '.repeat(400), 'b'])
    }
  })

  it.each([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])(
    'reads a million lines that end in %s, in one chunk, without looking at them again and again',
    (_, end) => {
      const body = bytesOf(`:${end}`.repeat(1_000_000))
      let comments = 0
      const parser = createEventParser({ onEvent: () => {}, onComment: () => comments++ })
      parser.push(body)
      expect(comments).toBe(1_000_000)
    },
  )

  it('dispatches an event with the byte that ends it, not later', () => {
    const seen: string[] = []
    const parser = createEventParser({ onEvent: ({ data }) => seen.push(data) })
    parser.push(bytesOf('data: a\r\r'))
    expect(seen).toEqual(['a'])
    parser.push(bytesOf('\ndata: b\n'))
    expect(seen).toEqual(['a'])
    parser.push(bytesOf('\n'))
    expect(seen).toEqual(['a', 'b'])
  })

  it('moves lastEventId with the dispatch, not with the id line', () => {
    const parser = createEventParser({ onEvent: () => {} })
    parser.push(bytesOf('id: 1\ndata: a\n'))
    expect(parser.lastEventId).toBe('')
    parser.push(bytesOf('\n'))
    expect(parser.lastEventId).toBe('1')
  })

  it('goes on with the id of the stream that it resumes', () => {
    const events: ServerSentEvent[] = []
    const parser = createEventParser({ lastEventId: '7', onEvent: (event) => events.push(event) })
    expect(parser.lastEventId).toBe('7')
    parser.push(bytesOf('data: a\n\nid: 8\ndata: b\n\nid\ndata: c\n\n'))
    expect(events.map(({ lastEventId }) => lastEventId)).toEqual(['7', '8', ''])
  })

  it('refuses text, which would have been decoded already', () => {
    const parser = createEventParser({ onEvent: () => {} })
    expect(() => parser.push('data: a\n\n' as unknown as Uint8Array)).toThrow(TypeError)
  })

  it('lets through what a callback throws', () => {
    const parser = createEventParser({
      onEvent: () => {
        throw new RangeError('mine')
      },
    })
    expect(() => parser.push(bytesOf('data: a\n\n'))).toThrow(new RangeError('mine'))
  })
})

describe('maxEventBytes', () => {
  /** The data of the events before the limit was met, and whether it was. */
  function read(chunks: readonly Uint8Array[], maxEventBytes: number): { data: string[]; limited: boolean } {
    const data: string[] = []
    const parser = createEventParser({ maxEventBytes, onEvent: (event) => data.push(event.data) })
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

  const LIMITS: readonly { name: string; body: string; max: number; limited: boolean; events: number }[] = [
    {
      name: 'a line of just the limit',
      body: `data: ${'x'.repeat(94)}\n\n`,
      max: 100,
      limited: false,
      events: 1,
    },
    {
      name: 'a line one byte longer',
      body: `data: ${'x'.repeat(95)}\n\n`,
      max: 100,
      limited: true,
      events: 0,
    },
    {
      name: 'bytes, not characters: within',
      body: `data: ${'é'.repeat(47)}\n\n`,
      max: 100,
      limited: false,
      events: 1,
    },
    {
      name: 'bytes, not characters: beyond',
      body: `data: ${'é'.repeat(47)}x\n\n`,
      max: 100,
      limited: true,
      events: 0,
    },
    { name: 'emoji within', body: `data: ${'🙂'.repeat(23)}xx\n\n`, max: 100, limited: false, events: 1 },
    { name: 'emoji beyond', body: `data: ${'🙂'.repeat(23)}xxx\n\n`, max: 100, limited: true, events: 0 },
    {
      name: 'many short lines of one event',
      body: 'data: é12345678\n'.repeat(20),
      max: 100,
      limited: true,
      events: 0,
    },
    {
      name: 'many events',
      body: `data: ${'x'.repeat(60)}\n\n`.repeat(20),
      max: 100,
      limited: false,
      events: 20,
    },
    {
      name: 'comments between events',
      body: `: ${'c'.repeat(60)}\n`.repeat(20),
      max: 100,
      limited: false,
      events: 0,
    },
    { name: 'a comment beyond', body: `: ${'c'.repeat(120)}\n`, max: 100, limited: true, events: 0 },
    { name: 'an endless line', body: 'x'.repeat(300), max: 100, limited: true, events: 0 },
    {
      name: 'events before the one beyond',
      body: `data: 1\n\ndata: 2\n\ndata: ${'x'.repeat(200)}\n\n`,
      max: 100,
      limited: true,
      events: 2,
    },
  ]

  it.each(LIMITS)('$name: limited is $limited, in every cutting', ({ body, max, limited, events }) => {
    for (const feed of everySplit(body)) {
      const reading = read(feed.chunks, max)
      expect(reading.limited, feed.name).toBe(limited)
      expect(reading.data, feed.name).toHaveLength(events)
    }
  })

  it('meets the limit at the same byte in any cutting', () => {
    const line = fc.constantFrom(
      'data: é🙂\n',
      'data: abc\n',
      '\n',
      ': c\n',
      `data: ${'é'.repeat(20)}`,
      'id: 1\r\n',
    )
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 150 }),
        (lines, sizes, max) => {
          const bytes = bytesOf(lines.join(''))
          expect(read(cut(bytes, ...sizes), max)).toEqual(read([bytes], max))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('counts what is held, not what was: lines that are gone make neither more nor less room', () => {
    const read3 = (body: string): boolean => read([bytesOf(body)], 30).limited
    const gone = `: ${'c'.repeat(26)}\n`
    expect(read3(`${gone}data: ${'é'.repeat(12)}\n`)).toBe(false)
    expect(read3(`${gone}data: ${'é'.repeat(12)}x\n`)).toBe(true)
    expect(read3(`data: ${'é'.repeat(5)}\n${gone.slice(10)}data: ${'é'.repeat(6)}x\n`)).toBe(false)
    expect(read3(`data: ${'é'.repeat(5)}\n${gone.slice(10)}data: ${'é'.repeat(7)}x\n`)).toBe(true)
  })

  it('counts an event close to the limit once, not with every line', () => {
    const lines = 200_000
    const body = bytesOf(`data: ${'x'.repeat(1_000_000)}\n${': c\n'.repeat(lines)}data\n\n`)
    for (const size of [body.length, 5]) expect(read(cut(body, size), 1_000_010).data).toHaveLength(1)
  })

  it('is 16 MiB by default', () => {
    const mebibyte = bytesOf('x'.repeat(1024 * 1024))
    const parser = createEventParser({ onEvent: () => {} })
    for (let i = 0; i < 16; i++) parser.push(mebibyte)
    expect(() => parser.push(bytesOf('x'.repeat(200)))).toThrow(StreamError)
  })
})
