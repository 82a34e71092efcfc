import { describe, expect, test, vi } from 'vitest'
import { bytesOf, cut, everySplit, streamOf } from './feeds.ts'

const BODY = 'data: grüße 🌅\n\n'
const bytes = bytesOf(BODY)
const sizes = (chunks: readonly Uint8Array[]): number[] => chunks.map((chunk) => chunk.length)

function join(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])))
}

describe('cut', () => {
  test.each([
    [[1], Array(10).fill(1)],
    [[3], [3, 3, 3, 1]],
    [
      [4, 1],
      [4, 1, 4, 1],
    ],
    [[100], [10]],
    [[], [10]],
    [[0], Array(10).fill(1)],
  ])('into %j', (by, expected) => {
    const chunks = cut('0123456789', ...by)
    expect(sizes(chunks)).toEqual(expected)
    expect(join(chunks)).toBe('0123456789')
  })

  test('a chunk does not show what its neighbours hold', () => {
    expect(cut('abc', 1).every((chunk) => chunk.buffer.byteLength === 1)).toBe(true)
  })

  test('nothing is no chunk', () => {
    expect(cut('', 1)).toEqual([])
  })
})

describe('everySplit', () => {
  const feeds = [...everySplit(BODY)]

  test('is whole, by byte, uneven, and split at every place, both ends included', () => {
    expect(bytes).toHaveLength(20)
    expect(feeds.map(({ name }) => name)).toEqual([
      'whole',
      'by byte',
      'in pieces of 7, 1, 64, 333, 3',
      ...Array.from({ length: 21 }, (_, at) => `split at ${at}`),
    ])
    expect(feeds.slice(0, 3).map(({ chunks }) => sizes(chunks))).toEqual([
      [20],
      Array(20).fill(1),
      [7, 1, 12],
    ])
    expect(feeds.slice(3).map(({ chunks }) => sizes(chunks))).toEqual(
      Array.from({ length: 21 }, (_, at) => [at, 0, 20 - at]),
    )
  })

  test('is the same body each time', () => {
    expect(new Set(feeds.map(({ chunks }) => join(chunks)))).toEqual(new Set([BODY]))
  })
})

describe('streamOf', () => {
  test('gives the chunks as they are, texts as bytes, and ends', async () => {
    const reader = streamOf([bytesOf('a'), 'ü', new Uint8Array()]).getReader()
    expect((await reader.read()).value).toEqual(new Uint8Array([97]))
    expect((await reader.read()).value).toEqual(new Uint8Array([0xc3, 0xbc]))
    expect((await reader.read()).value).toHaveLength(0)
    expect((await reader.read()).done).toBe(true)
  })

  test('takes a chunk only when it is asked for one', async () => {
    const taken = vi.fn()
    function* chunks(): Generator<string> {
      for (const chunk of ['a', 'b']) {
        taken(chunk)
        yield chunk
      }
    }
    const reader = streamOf(chunks()).getReader()
    await Promise.resolve()
    expect(taken).not.toHaveBeenCalled()
    await reader.read()
    expect(taken.mock.calls).toEqual([['a']])
  })
})
