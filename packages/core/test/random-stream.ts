import type { Random } from './random.ts'

type Bytes = readonly number[]

const bytesOf = (text: string): Bytes => [...new TextEncoder().encode(text)]
const repeated = (text: string, times: number): Bytes => bytesOf(text.repeat(times))

/** A list in which each entry comes as often as its weight says. */
function weighted<T>(...entries: readonly (readonly [weight: number, value: T])[]): readonly T[] {
  return entries.flatMap(([weight, value]) => Array.from({ length: weight }, () => value))
}

const NAMES = weighted(
  [12, bytesOf('data')],
  [4, bytesOf('event')],
  [5, bytesOf('id')],
  [2, bytesOf('retry')],
  [2, bytesOf('')],
  ...[
    'Data',
    'DATA',
    ' data',
    'data ',
    'dat',
    'datax',
    'ID',
    'i',
    'Event',
    'events',
    'retr',
    '\uFEFFdata',
    'da\0ta',
    'é',
  ].map((name) => [1, bytesOf(name)] as const),
  [1, repeated('n', 140)],
)

const COLONS = weighted(
  [9, bytesOf(': ')],
  [4, bytesOf(':')],
  [1, bytesOf('')],
  [1, bytesOf(':  ')],
  [1, bytesOf('::')],
)

const VALUES = weighted(
  ...[
    '',
    'a',
    '1',
    '42',
    'hello',
    '{"a":[1,"\\n"]}',
    ' x ',
    'a:b',
    ': ',
    'é',
    '€',
    '🙂',
    '\0',
    'a\0b',
    '\uFEFF',
    '\t',
    '\u2028',
    '\v',
  ].map((value) => [3, bytesOf(value)] as const),
  ...[
    '007',
    '1000',
    '99999999999999999999',
    '-1',
    '1e3',
    '0x10',
    '٣',
    'message',
    'open',
    'error',
    '__proto__',
    'data: b',
  ].map((value) => [1, bytesOf(value)] as const),
  // Bytes that are no UTF-8: alone, overlong, a surrogate, beyond U+10FFFF, and cut off before a line end.
  ...[
    [0xff],
    [0x80],
    [0xc0, 0xaf],
    [0xe0, 0x80, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x99],
    [0xef, 0xbb],
  ].map((value) => [1, value] as const),
  [1, repeated('x', 130)],
  [1, repeated('é', 70)],
)

const ENDS = weighted(
  [10, [10]],
  [3, [13]],
  [4, [13, 10]],
  [1, [10, 13]],
  [1, [13, 13, 10]],
  [8, [10, 10]],
  [3, [13, 10, 13, 10]],
  [2, [13, 13]],
)

const BOM: Bytes = [0xef, 0xbb, 0xbf]
const MOST = 8192
const scratch = new Uint8Array(MOST)

/**
 * A body that looks like an event stream and may be none: every kind of field and line end, BOMs, NUL, bytes that
 * are no UTF-8, long lines now and then, and ends that are cut off. Some 40 bytes
 * unless there may be more lines, at most 8 KiB.
 */
export function randomStream({ below, pick }: Random, mostLines = 5): Uint8Array<ArrayBuffer> {
  let length = 0
  const add = (bytes: Bytes): void => {
    if (length + bytes.length > MOST) return
    for (let i = 0; i < bytes.length; i++) scratch[length++] = bytes[i] as number
  }
  const kind = below(128)
  if (below(8) === 0) add(BOM)
  if (below(32) === 0) add(BOM)
  const lines = 1 + below(kind === 0 ? 60 : mostLines)
  for (let line = 0; line < lines; line++) {
    if (kind < 16) {
      // No grammar at all.
      add(pick([NAMES, COLONS, VALUES, ENDS][below(4)] as readonly Bytes[]))
      if (below(4) === 0) add([below(256)])
      continue
    }
    add(pick(NAMES))
    add(pick(COLONS))
    for (let values = kind === 16 ? 40 : 1 + below(2); values > 0; values--) add(pick(VALUES))
    add(pick(ENDS))
  }
  if (below(3) > 0) add([10, 10])
  if (below(6) === 0) length = below(length + 1)
  return scratch.slice(0, length)
}

/** A body cut into chunks of sizes that suit no reader: one byte, some, many, empty ones in between. */
export function randomCut(body: Uint8Array, { below }: Random): Uint8Array[] {
  const most = 1 + below([1, 4, 16, 64, 64, 400][below(6)] as number)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < body.length;) {
    const size = below(16) === 0 ? 0 : 1 + below(most)
    // Views, though what reads a chunk could look beside it: a million copies are a third of the fuzzer's time.
    chunks.push(body.subarray(at, at + size))
    at += size
  }
  return chunks
}
