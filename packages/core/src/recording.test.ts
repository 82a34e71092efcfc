import { describe, expect, it } from 'vitest'
import { readRecording, writeBytes } from './recording.ts'
import type { Recording } from './recording.ts'

const GOOD: Recording = {
  version: 1,
  url: 'https://api.example.com/v1/chat/completions',
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  chunks: [
    { atMs: 0, text: 'data: é\n' },
    { atMs: 12.5, base64: '8J8=' },
  ],
  end: 'complete',
  endMs: 20,
}

function read(bytes: Uint8Array): Uint8Array | undefined {
  const chunks = [{ atMs: 0, ...writeBytes(bytes) }]
  return readRecording(JSON.parse(JSON.stringify({ ...GOOD, chunks }))).chunks[0]?.bytes
}

describe('writeBytes', () => {
  it('writes whole characters as text, a BOM included', () => {
    expect(writeBytes(new TextEncoder().encode('\uFEFFdata: é🙂\0\u2028'))).toEqual({
      text: '\uFEFFdata: é🙂\0\u2028',
    })
    expect(writeBytes(new Uint8Array(0))).toEqual({ text: '' })
  })

  it('writes what is cut in a character, or no UTF-8, as base64', () => {
    expect(writeBytes(Uint8Array.of(0xf0, 0x9f))).toEqual({ base64: '8J8=' })
    expect(writeBytes(Uint8Array.of(0xff))).toEqual({ base64: '/w==' })
  })

  it('writes every byte so that the same is read', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    expect(read(all)).toEqual(all)
    for (const byte of all) expect(read(Uint8Array.of(byte))).toEqual(Uint8Array.of(byte))
    for (const text of ['\uFEFF\uFEFFa', '\r\n', '"\\', '\u{10FFFF}']) {
      const bytes = new TextEncoder().encode(text)
      expect(read(bytes)).toEqual(bytes)
    }
  })

  it('writes chunks of any size', () => {
    const big = new Uint8Array(1_000_003).fill(0xff)
    const back = read(big)
    expect(back?.length).toBe(big.length)
    expect(back?.every((byte) => byte === 0xff)).toBe(true)
  })
})

describe('readRecording', () => {
  it('reads a good one', () => {
    expect(readRecording(GOOD)).toMatchObject({
      url: GOOD.url,
      status: 200,
      chunks: [
        { atMs: 0, bytes: new TextEncoder().encode('data: é\n') },
        { atMs: 12.5, bytes: Uint8Array.of(0xf0, 0x9f) },
      ],
      endMs: 20,
      broken: undefined,
    })
    expect(readRecording(GOOD).headers.get('content-type')).toBe('text/event-stream')
  })

  it.each([
    [{ end: 'broken' }, /connection lost/],
    [{ end: 'cancelled' }, /reader left/],
    [{ end: undefined }, /had not ended/],
    [{ truncated: true }, /longer/],
  ])('takes %j for no whole answer', (change, broken) => {
    expect(readRecording({ ...GOOD, ...change }).broken).toMatch(broken)
  })

  it.each<[string, unknown]>([
    ['no object', null],
    ['no object', undefined],
    ['no object', JSON.stringify(GOOD)],
    ['it is a list', []],
    ['version is 2', { ...GOOD, version: 2 }],
    ['version is "1"', { ...GOOD, version: '1' }],
    ['url', { ...GOOD, url: undefined }],
    ['status', { ...GOOD, status: '200' }],
    ['status', { ...GOOD, status: 0 }],
    ['status', { ...GOOD, status: 199 }],
    ['status', { ...GOOD, status: 600 }],
    ['status', { ...GOOD, status: 200.5 }],
    ['headers', { ...GOOD, headers: null }],
    ['headers', { ...GOOD, headers: [] }],
    ['header', { ...GOOD, headers: { a: 1 } }],
    ['header', { ...GOOD, headers: { 'a b': '' } }],
    ['header', { ...GOOD, headers: { a: 'b\r\nset-cookie: c' } }],
    ['chunks', { ...GOOD, chunks: {} }],
    ['chunks[0].atMs', { ...GOOD, chunks: [null] }],
    ['chunks[0].atMs', { ...GOOD, chunks: [{ text: 'a' }] }],
    ['chunks[0].atMs', { ...GOOD, chunks: [{ atMs: -1, text: 'a' }] }],
    ['chunks[0].atMs', { ...GOOD, chunks: [{ atMs: Infinity, text: 'a' }] }],
    ['chunks[1] needs', { ...GOOD, chunks: [{ atMs: 0, text: '' }, { atMs: 1 }] }],
    ['chunks[0] needs', { ...GOOD, chunks: [{ atMs: 0, text: 1 }] }],
    ['chunks[0] needs', { ...GOOD, chunks: [{ atMs: 0, text: 'a', base64: 'YQ==' }] }],
    ['chunks[0].base64', { ...GOOD, chunks: [{ atMs: 0, base64: '€' }] }],
    ['end is none', { ...GOOD, end: 'done' }],
    ['endMs', { ...GOOD, endMs: '1' }],
  ])('refuses what is wrong and says so: %s', (why, recording) => {
    expect(() => readRecording(recording)).toThrow(TypeError)
    expect(() => readRecording(recording)).toThrow(why)
  })
})
