import { bytesOf, everySplit } from '@rivulet/testkit'
import { describe, expect, it } from 'vitest'
import { readAll } from '../test/read-all.ts'
import { join } from '../test/shrink.ts'
import type { ServerSentEvent } from './types.ts'

// HTML 9.2.5 (the grammar) and 9.2.6 (the interpretation), beyond the cases of event-parser.test.ts.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

interface Case {
  readonly name: string
  readonly body: string | Uint8Array
  /** Their data; with a type or an id as `[data, type, id]`. */
  readonly events?: readonly (string | readonly [data: string, type: string, id?: string])[]
  readonly comments?: readonly string[]
  readonly retries?: readonly number[]
  /** Default: that of the last event. */
  readonly lastEventId?: string
  readonly pending?: readonly [data: string, type?: string, id?: string]
}

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  join(parts.map((part) => (typeof part === 'string' ? bytesOf(part) : Uint8Array.from(part))))

const eventOf = ([data, type = 'message', lastEventId = '']: readonly [
  string,
  string?,
  string?,
]): ServerSentEvent => ({ type, data, lastEventId })

function holds(cases: readonly Case[]): void {
  it.each(cases)('$name, in every cutting', ({ body, comments = [], retries = [], ...expected }) => {
    const events = (expected.events ?? []).map((event) =>
      eventOf(typeof event === 'string' ? [event] : event),
    )
    const pending = expected.pending && eventOf(expected.pending)
    const lastEventId = expected.lastEventId ?? events.at(-1)?.lastEventId ?? ''
    for (const { name, chunks } of everySplit(body)) {
      expect(readAll(chunks), name).toEqual({ events, comments, retries, lastEventId, pending })
    }
  })
}

describe('stream = [ bom ] *event', () => {
  const BOM = [0xef, 0xbb, 0xbf]
  holds([
    { name: 'a BOM alone', body: bytes(BOM) },
    { name: 'a BOM before a blank line', body: bytes(BOM, '\n\n') },
    { name: 'a BOM before a comment', body: bytes(BOM, ': c\ndata: a\n\n'), events: ['a'], comments: ['c'] },
    { name: 'a BOM before CR', body: bytes(BOM, '\rdata: a\r\r'), events: ['a'] },
    {
      name: 'a BOM after a blank line is text',
      body: bytes('\n', BOM, 'data: a\n\ndata: b\n\n'),
      events: ['b'],
    },
    {
      name: 'a BOM at the beginning of a later line is text',
      body: bytes(BOM, 'data: a\n', BOM, 'data: b\n\n'),
      events: ['a'],
    },
    {
      name: 'a BOM after a field name is text',
      body: bytes('data', BOM, ': a\n\ndata: b\n\n'),
      events: ['b'],
    },
    { name: 'a BOM alone as a value', body: bytes('data:', BOM, '\n\n'), events: ['\uFEFF'] },
    {
      name: 'a BOM in an event, an id and a comment',
      body: bytes('event: ', BOM, '\nid: ', BOM, '\n:', BOM, '\ndata: a\n\n'),
      events: [['a', '\uFEFF', '\uFEFF']],
      comments: ['\uFEFF'],
    },
    { name: 'a BOM before the colon of a comment makes a field', body: bytes(BOM, BOM, ': a\n\n') },
    {
      name: 'the first two bytes of a BOM are no BOM',
      body: bytes([0xef, 0xbb], 'data: a\n\ndata: b\n\n'),
      events: ['b'],
    },
    { name: 'the first two bytes of a BOM and the end', body: bytes([0xef, 0xbb]) },
    {
      name: 'the BOM of UTF-16 is no BOM',
      body: bytes([0xff, 0xfe], 'data: a\n\ndata: b\n\n'),
      events: ['b'],
    },
  ])
})

describe('end-of-line = CR LF / CR / LF', () => {
  holds([
    { name: 'all three in one event', body: 'data: a\rdata: b\ndata: c\r\n\r\n', events: ['a\nb\nc'] },
    { name: 'LF, then CR', body: 'data: a\n\rdata: b\n\r', events: ['a', 'b'] },
    { name: 'CRLF, then CR', body: 'data: a\r\n\rdata: b\r\n\r', events: ['a', 'b'] },
    { name: 'CRLF, then LF', body: 'data: a\r\n\ndata: b\r\n\n', events: ['a', 'b'] },
    { name: 'CR, then CRLF', body: 'data: a\r\r\ndata: b\r\r\n', events: ['a', 'b'] },
    { name: 'CRLF once is one line end', body: 'data: a\r\ndata: b\r\n', pending: ['a\nb'] },
    { name: 'CR at the very end', body: 'data: a\r', pending: ['a'] },
    { name: 'CR CR at the very end', body: 'data: a\r\r', events: ['a'] },
    { name: 'CRLF CR at the very end', body: 'data: a\r\n\r', events: ['a'] },
    { name: 'many CR between', body: 'data: a\r\r\r\r\rdata: b\r\r\r', events: ['a', 'b'] },
    { name: 'CR after a field name', body: 'data\rdata\r\r', events: ['\n'] },
    { name: 'CR after a colon', body: 'data:\rdata: \r\r', events: ['\n'] },
    { name: 'a comment between CR and LF', body: 'data: a\r: c\n\r\n', events: ['a'], comments: ['c'] },
    {
      name: 'other controls end no line',
      body: 'data: \x01\x08\x0B\x0C\x0E\x1C\x1E\x1F\x7F\x85\u2029\n\n',
      events: ['\x01\x08\x0B\x0C\x0E\x1C\x1E\x1F\x7F\x85\u2029'],
    },
  ])
})

describe('comment = colon *any-char end-of-line', () => {
  holds([
    { name: 'colons', body: '::\n:::\n: :\n', comments: [':', '::', ':'] },
    {
      name: 'a comment that looks like a field',
      body: ':data: a\n: data: b\n\n',
      comments: ['data: a', 'data: b'],
    },
    { name: 'NUL and controls', body: ':\0\x7F\t\n', comments: ['\0\x7F\t'] },
    {
      name: 'between data lines',
      body: 'data: a\n:\ndata: b\n: c\n\n',
      events: ['a\nb'],
      comments: ['', 'c'],
    },
    {
      name: 'before, between and after events',
      body: ':1\ndata: a\n\n:2\n\ndata: b\n\n:3\n',
      events: ['a', 'b'],
      comments: ['1', '2', '3'],
    },
    {
      name: 'a blank line after a comment dispatches',
      body: 'data: a\n:\n\n:\n\n',
      events: ['a'],
      comments: ['', ''],
    },
    {
      name: 'a long one',
      body: `:${'c'.repeat(2000)}\ndata: a\n\n`,
      events: ['a'],
      comments: ['c'.repeat(2000)],
    },
  ])
})

describe('field = 1*name-char [ colon [ space ] *any-char ] end-of-line', () => {
  holds([
    {
      name: 'names are compared as they are, case and all',
      body: 'DATA: 1\nData: 2\ndatA: 3\nEVENT: x\nEvent: x\nID: 1\nId: 2\nRETRY: 1\nRetry: 2\ndata: a\n\n',
      events: ['a'],
    },
    {
      name: 'names with something around or in them',
      body: ' data: 1\n\tdata: 2\ndata : 3\ndata\t: 4\nda ta: 5\nda-ta: 6\ndata_: 7\ndata1: 8\n0data: 9\ndata: a\n\n',
      events: ['a'],
    },
    {
      name: 'names with NUL or a control in them',
      body: '\0data: 1\ndata\0: 2\nda\0ta: 3\n\vdata: 4\ndata\x7F: 5\nid\0: 6\ndata: a\n\n',
      events: ['a'],
    },
    {
      name: 'beginnings of names',
      body: 'd: 1\nda: 2\ndat: 3\ni: 4\ne: 5\neven: 6\nr: 7\nretr: 8\ndata: a\n\n',
      events: ['a'],
    },
    {
      name: 'names that go on',
      body: 'dataset: 1\neventual: 2\nids: 3\nretrying: 4\ndata: a\n\n',
      events: ['a'],
    },
    {
      name: 'names without a colon that are none',
      body: 'dat\ndatax\nevents\nidx\nx\ndata: a\n\n',
      events: ['a'],
    },
    { name: 'names of other letters', body: 'dаta: cyrillic\nｄata: wide\ndata: a\n\n', events: ['a'] },
    { name: 'a very long name', body: `${'n'.repeat(2000)}: 1\ndata: a\n\n`, events: ['a'] },
    { name: 'a very long name without a colon', body: `${'data'.repeat(500)}\ndata: a\n\n`, events: ['a'] },
    {
      name: 'names of object properties',
      body: '__proto__: 1\nconstructor: 2\ntoString\ndata: a\n\n',
      events: ['a'],
    },
    { name: 'an unknown field dispatches nothing', body: 'foo: bar\n\nfoo\n\n' },
  ])
})

describe('data', () => {
  holds([
    { name: 'nothing, a space, two spaces', body: 'data:\n\ndata: \n\ndata:  \n\n', events: ['', '', ' '] },
    { name: 'a colon', body: 'data::\n\ndata: :\n\ndata:::a\n\n', events: [':', ':', '::a'] },
    {
      name: 'a space that is no U+0020 stays',
      body: 'data:\u00A0a\n\ndata:\u3000b\n\n',
      events: ['\u00A0a', '\u3000b'],
    },
    { name: 'only the last LF is taken off', body: 'data: a\ndata\ndata:\n\n', events: ['a\n\n'] },
    {
      name: 'empty lines before and between',
      body: 'data\ndata: \ndata: a\ndata:\ndata: b\n\n',
      events: ['\n\na\n\nb'],
    },
    {
      name: 'fields in any order',
      body: 'data: a\nid: 1\ndata: b\nevent: x\ndata: c\n\n',
      events: [['a\nb\nc', 'x', '1']],
    },
    { name: 'unknown fields between', body: 'data: a\nfoo: x\ndata: b\n\n', events: ['a\nb'] },
    { name: 'NUL alone', body: 'data:\0\n\ndata: \0\0\n\n', events: ['\0', '\0\0'] },
    {
      name: 'what looks like a field',
      body: 'data: data: a\ndata: id: 1\ndata::c\n\n',
      events: ['data: a\nid: 1\n:c'],
    },
    { name: 'forgotten with its event', body: 'data: a\n\n\n\ndata: b\n\n', events: ['a', 'b'] },
    {
      name: 'a line as long as several buffers',
      body: `data: ${'ab €'.repeat(600)}\n\n`,
      events: ['ab €'.repeat(600)],
    },
    {
      name: 'many short lines',
      body: `${'data: x\n'.repeat(300)}\n`,
      events: [Array(300).fill('x').join('\n')],
    },
  ])
})

describe('event', () => {
  holds([
    {
      name: 'of each kind of line',
      body: 'event:a\ndata\n\nevent: b\rdata\r\revent: c\r\ndata\r\n\r\n',
      events: [
        ['', 'a'],
        ['', 'b'],
        ['', 'c'],
      ],
    },
    { name: 'a value as it is', body: 'event:  a b: c \ndata\n\n', events: [['', ' a b: c ']] },
    {
      name: 'an empty one is message',
      body: 'event\ndata: 1\n\nevent:\ndata: 2\n\nevent: \ndata: 3\n\n',
      events: ['1', '2', '3'],
    },
    { name: 'an empty one takes back the one before', body: 'event: a\ndata: 1\nevent\n\n', events: ['1'] },
    { name: 'a space alone after the space', body: 'event:  \ndata: 1\n\n', events: [['1', ' ']] },
    {
      name: 'NUL',
      body: 'event: a\0b\ndata: 1\n\nevent:\0\ndata: 2\n\n',
      events: [
        ['1', 'a\0b'],
        ['2', '\0'],
      ],
    },
    {
      name: 'message, open and error are types like others',
      body: 'event: message\ndata: 1\n\nevent: open\ndata: 2\n\nevent: error\ndata: 3\n\n',
      events: [
        ['1', 'message'],
        ['2', 'open'],
        ['3', 'error'],
      ],
    },
    { name: 'after the data', body: 'data: 1\nevent: a\n\ndata: 2\n\n', events: [['1', 'a'], '2'] },
    {
      name: 'forgotten with a block without data',
      body: 'event: a\nid: 1\n\ndata: 1\n\n',
      events: [['1', 'message', '1']],
    },
    {
      name: 'kept over comments and unknown fields',
      body: 'event: a\n:\nfoo\ndata: 1\n\n',
      events: [['1', 'a']],
      comments: [''],
    },
    { name: 'characters beyond the BMP', body: 'event: 🙂\ndata: 1\n\n', events: [['1', '🙂']] },
  ])
})

describe('id', () => {
  holds([
    { name: 'a value as it is', body: 'id:  1:2 \ndata\n\n', events: [['', 'message', ' 1:2 ']] },
    { name: 'after the data', body: 'data: a\nid: 1\n\n', events: [['a', 'message', '1']] },
    { name: 'the last one', body: 'id: 1\nid: 2\ndata: a\nid: 3\n\n', events: [['a', 'message', '3']] },
    {
      name: 'with characters of every length',
      body: 'id: é€🙂\ndata\n\n',
      events: [['', 'message', 'é€🙂']],
    },
    {
      name: 'empty in three ways',
      body: 'id: 1\n\nid\ndata: a\n\nid: 2\n\nid:\ndata: b\n\nid: 3\n\nid: \ndata: c\n\n',
      events: ['a', 'b', 'c'],
    },
    {
      name: 'empty without data resets as well',
      body: 'id: 1\ndata: a\n\nid:\n\ndata: b\n\n',
      events: [['a', 'message', '1'], 'b'],
    },
    {
      name: 'empty, at the end',
      body: 'id: 1\ndata: a\n\nid\n\n',
      events: [['a', 'message', '1']],
      lastEventId: '',
    },
    {
      name: 'NUL anywhere in it',
      body: 'id: 1\ndata: a\n\nid:\0\ndata: b\n\nid: \x002\ndata: c\n\nid: 2\x002\ndata: d\n\n',
      events: [
        ['a', 'message', '1'],
        ['b', 'message', '1'],
        ['c', 'message', '1'],
        ['d', 'message', '1'],
      ],
    },
    {
      name: 'NUL after a good one of the same block',
      body: 'id: 1\nid: 2\0\ndata: a\n\n',
      events: [['a', 'message', '1']],
    },
    { name: 'a good one after NUL', body: 'id: \0\nid: 2\ndata: a\n\n', events: [['a', 'message', '2']] },
    {
      name: 'alone, for all that follow',
      body: 'id: 1\n\ndata: a\n\ndata: b\n\n',
      events: [
        ['a', 'message', '1'],
        ['b', 'message', '1'],
      ],
    },
    {
      name: 'alone, with blank lines between',
      body: 'id: 1\n\n\n\n:\n\ndata: a\n\n',
      events: [['a', 'message', '1']],
      comments: [''],
    },
    { name: 'alone and last', body: 'id: 1\n\nid: 2\n\nid: 3\n', lastEventId: '2' },
    { name: 'cut off in its line', body: 'id: 12\ndata: a\n\nid: 3', events: [['a', 'message', '12']] },
    { name: 'cut off after its line', body: 'id: 1\n', lastEventId: '' },
    {
      name: 'zero, a sign, letters: no number',
      body: 'id: 0\ndata: a\n\nid: -1\ndata: b\n\nid: 0x\ndata: c\n\n',
      events: [
        ['a', 'message', '0'],
        ['b', 'message', '-1'],
        ['c', 'message', '0x'],
      ],
    },
  ])
})

describe('retry', () => {
  holds([
    { name: 'zero and leading zeros', body: 'retry: 0\nretry: 000\nretry:007\n', retries: [0, 0, 7] },
    { name: 'of each kind of line', body: 'retry:1\rretry: 2\r\nretry:3\n', retries: [1, 2, 3] },
    {
      name: 'a day, 32 bits, 53 bits and more',
      body: 'retry: 86400000\nretry: 4294967296\nretry: 9007199254740991\nretry: 100000000000000000000\n',
      retries: [86_400_000, 2 ** 32, 2 ** 53 - 1, 1e20],
    },
    {
      name: 'dispatches nothing and breaks nothing',
      body: 'data: a\nretry: 5\ndata: b\n\nretry: 6\n\n',
      events: ['a\nb'],
      retries: [5, 6],
    },
    { name: 'takes digits of ASCII only', body: 'retry: ５\nretry: ٣\nretry: ²\nretry: Ⅷ\nretry: 五\n' },
    {
      name: 'takes no sign, point, exponent, base or separator',
      body: 'retry: +5\nretry: -5\nretry: 5.0\nretry: .5\nretry: 5e3\nretry: 0x10\nretry: 5_0\nretry: 5,0\nretry: 5n\nretry: Infinity\n',
    },
    {
      name: 'takes no space but the first',
      body: 'retry:  5\nretry: 5 \nretry: 5\t\nretry: 5 0\nretry:\t5\n',
    },
    { name: 'takes no NUL', body: 'retry: 5\0\nretry: \x005\nretry: \0\n' },
    { name: 'empty in three ways', body: 'retry\nretry:\nretry: \n' },
    { name: 'bytes that are no UTF-8', body: bytes('retry: 5', [0xff], '\nretry: ', [0xc3], '\n') },
    { name: 'a bad one leaves the good one before', body: 'retry: 5\nretry: x\n', retries: [5] },
    { name: 'cut off in its line', body: 'retry: 5\nretry: 10', retries: [5] },
  ])
})

describe('the end of the stream', () => {
  holds([
    { name: 'after a blank line', body: 'data: a\n\n', events: ['a'] },
    {
      name: 'a blank line too few',
      body: 'data: a\n\nevent: x\nid: 1\ndata: b\n',
      events: ['a'],
      pending: ['b', 'x', '1'],
    },
    { name: 'no line end at all', body: 'data: a', pending: ['a'] },
    { name: 'in a field name', body: 'data: a\ndat', pending: ['a'] },
    { name: 'at the end of a field name', body: 'data: a\ndata', pending: ['a'] },
    { name: 'after a colon', body: 'data: a\ndata:', pending: ['a\n'] },
    { name: 'after the space', body: 'data: a\ndata: ', pending: ['a\n'] },
    { name: 'in a type', body: 'data: a\nevent: x', pending: ['a'] },
    { name: 'in a comment', body: 'data: a\n: c', pending: ['a'] },
    { name: 'after a comment', body: 'data: a\n: c\n', pending: ['a'], comments: ['c'] },
    { name: 'a type without data', body: 'event: x\n' },
    { name: 'a field name alone', body: 'data' },
    { name: 'a BOM and a field', body: '\uFEFFdata: a', pending: ['a'] },
    {
      name: 'after CR, where LF may have followed',
      body: 'data: a\n\ndata: b\r',
      events: ['a'],
      pending: ['b'],
    },
  ])
})

describe('"decoded using the UTF-8 decode algorithm"', () => {
  const R = '\uFFFD'
  /** By the Encoding standard one U+FFFD stands for each maximal part of a sequence that could not go on. */
  const SEQUENCES: readonly (readonly [name: string, sequence: readonly number[], text: string])[] = [
    ['the first and last of two bytes', [0xc2, 0x80, 0xdf, 0xbf], '\x80\u07FF'],
    ['the first and last of three bytes', [0xe0, 0xa0, 0x80, 0xef, 0xbf, 0xbf], '\u0800\uFFFF'],
    [
      'the first and last of four bytes',
      [0xf0, 0x90, 0x80, 0x80, 0xf4, 0x8f, 0xbf, 0xbf],
      '\u{10000}\u{10FFFF}',
    ],
    ['around the surrogates', [0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80], '\uD7FF\uE000'],
    [
      'U+FFFD itself, and noncharacters',
      [0xef, 0xbf, 0xbd, 0xef, 0xb7, 0x90, 0xef, 0xbf, 0xbe],
      `${R}\uFDD0\uFFFE`,
    ],
    ['continuation bytes alone', [0x80, 0xbf], R + R],
    ['overlong, two bytes', [0xc0, 0xaf, 0xc1, 0xbf], R.repeat(4)],
    ['an overlong line feed', [0xc0, 0x8a], R + R],
    ['overlong, three bytes', [0xe0, 0x80, 0xaf], R.repeat(3)],
    ['overlong, three bytes, the last', [0xe0, 0x9f, 0xbf], R.repeat(3)],
    ['overlong, four bytes', [0xf0, 0x80, 0x80, 0x8a], R.repeat(4)],
    ['overlong, four bytes, the last', [0xf0, 0x8f, 0xbf, 0xbf], R.repeat(4)],
    ['the first surrogate', [0xed, 0xa0, 0x80], R.repeat(3)],
    ['the last surrogate', [0xed, 0xbf, 0xbf], R.repeat(3)],
    ['a pair of surrogates (CESU-8)', [0xed, 0xa0, 0xbd, 0xed, 0xb9, 0x82], R.repeat(6)],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], R.repeat(4)],
    ['lead bytes of no sequence', [0xf5, 0xf7, 0xfe, 0xff], R.repeat(4)],
    ['five and six bytes', [0xf8, 0x88, 0x80, 0x80, 0x80, 0xfc, 0x84, 0x80, 0x80, 0x80, 0x80], R.repeat(11)],
    ['one of two bytes', [0xc3], R],
    ['one of three bytes', [0xe2], R],
    ['two of three bytes', [0xe2, 0x82], R],
    ['one of four bytes', [0xf0], R],
    ['two of four bytes', [0xf0, 0x9f], R],
    ['three of four bytes', [0xf0, 0x9f, 0x99], R],
    ['cut off by ASCII', [0xe2, 0x82, 0x41, 0xf0, 0x9f, 0x42], `${R}A${R}B`],
    ['cut off by another sequence', [0xf0, 0x9f, 0x99, 0xc3, 0xa9, 0xe2, 0xc3, 0xa9], `${R}é${R}é`],
    ['a wrong second byte', [0xe2, 0x28, 0xa1], `${R}(${R}`],
    ['Latin-1', [0x67, 0x72, 0xfc, 0xdf, 0x65], `gr${R}${R}e`],
    ['cut off again and again', [0xc3, 0xc3, 0xc3, 0xa9], `${R}${R}é`],
  ]

  holds(
    SEQUENCES.flatMap(([name, sequence, text]): Case[] => [
      {
        name: `${name}: data, before each line end`,
        body: bytes('data:', sequence, '\ndata: ', sequence, '\rdata: x', sequence, '\r\n\r\n'),
        events: [`${text}\n${text}\nx${text}`],
      },
      {
        name: `${name}: a type, an id, a comment`,
        body: bytes('event:', sequence, '\nid: ', sequence, '\n:', sequence, '\ndata\n\n'),
        events: [['', text, text]],
        comments: [text],
      },
      {
        name: `${name}: in a name`,
        body: bytes(sequence, 'data: 1\ndata', sequence, ': 2\nda', sequence, '\ndata: a\n\n'),
        events: ['a'],
      },
      { name: `${name}: at the end`, body: bytes('data: ', sequence), pending: [text] },
    ]),
  )
})

describe('chunks', () => {
  const body = bytes(
    '\uFEFFid: é\nevent: 🙂\ndata: a\r\ndata: ',
    'x'.repeat(200),
    '\r\n\r\n:c\n\nretry: 5\ndata: €',
    [0xf0, 0x9f],
  )
  const whole = readAll([body])

  it('may be overwritten by their sender once they are read', () => {
    expect(whole).toMatchObject({
      events: [{ lastEventId: 'é' }],
      comments: ['c'],
      retries: [5],
      pending: { data: '€\uFFFD' },
    })
    for (const { name, chunks } of everySplit(body)) {
      const copies = chunks.map((chunk) => chunk.slice())
      expect(
        readAll(copies, (chunk) => chunk.fill(0x58)),
        name,
      ).toEqual(whole)
    }
  })

  it('may be views into a larger buffer', () => {
    const around = bytes('data: no\n\n', [...body], '\n\ndata: no\n\n')
    const view = around.subarray(10, 10 + body.length)
    for (let at = 0; at <= body.length; at++) {
      expect(readAll([view.subarray(0, at), view.subarray(at)])).toEqual(whole)
    }
  })

  it('may be empty, first, last and in between', () => {
    const empty = new Uint8Array()
    expect(readAll([empty, ...Array.from(body, (byte) => [Uint8Array.of(byte), empty]).flat()])).toEqual(
      whole,
    )
    expect(readAll([empty, empty])).toEqual({
      events: [],
      comments: [],
      retries: [],
      lastEventId: '',
      pending: undefined,
    })
  })
})
