import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPartialJson } from './partial-json.ts'

function read(...chunks: string[]): unknown {
  const json = createPartialJson()
  for (const chunk of chunks) json.push(chunk)
  return json.value
}

describe('what the beginning of a text says', () => {
  it.each<[string, unknown]>([
    ['', undefined],
    [' \n', undefined],
    ['{', {}],
    ['{"', {}],
    ['{"ci', {}],
    ['{"city"', {}],
    ['{"city":', {}],
    ['{"city":"', { city: '' }],
    ['{"city":"Par', { city: 'Par' }],
    ['{"city":"Paris"', { city: 'Paris' }],
    ['{"city":"Paris","', { city: 'Paris' }],
    ['{"city":"Paris","days":3', { city: 'Paris' }],
    ['{"city":"Paris","days":3}', { city: 'Paris', days: 3 }],
    ['[', []],
    ['[1', []],
    ['[1,', [1]],
    ['[1,2', [1]],
    ['[1,2 ', [1, 2]],
    ['[-', []],
    ['[-1.5e+3]', [-1500]],
    ['[tru', []],
    ['[true', [true]],
    ['[false,nul', [false]],
    ['[false,null', [false, null]],
    ['[[],[{"a":[', [[], [{ a: [] }]]],
    ['["a","b', ['a', 'b']],
    ['"', ''],
    ['"a', 'a'],
    ['"a\\', 'a'],
    ['"a\\n', 'a\n'],
    ['"\\"\\\\\\/', '"\\/'],
    ['"a\\u', 'a'],
    ['"a\\u00', 'a'],
    ['"a\\u00e9', 'aé'],
    ['"a\ud83d', 'a'],
    ['"a\ud83d\ude00', 'a😀'],
    ['"a\\ud83d', 'a'],
    ['"a\\ud83d\\ude', 'a'],
    ['"a\\ud83d\\ude00', 'a😀'],
    ['"a\ud83d"', 'a\ud83d'],
    ['tru', undefined],
    ['true', true],
    ['-', undefined],
    ['12', 12],
    ['12.', 12],
    ['12.5', 12.5],
  ])('%j', (text, value) => {
    // Read after each character, as the value of a number that is the whole text is the last good one.
    const json = createPartialJson()
    for (let at = 0; at < text.length; at++) {
      json.push(text.charAt(at))
      void json.value
    }
    expect(json.value).toStrictEqual(value)
    if (text !== '12.') expect(read(text)).toStrictEqual(value)
  })

  it('takes the last of two values of one name', () => {
    expect(read('{"a":1,"a":"x')).toStrictEqual({ a: 'x' })
  })
})

describe('a text with an error', () => {
  it.each<[string, unknown]>([
    ['x', undefined],
    ['{"a":1,}', { a: 1 }],
    ['{"a":1,x":2}', { a: 1 }],
    ['{"a":1,"b" 2}', { a: 1 }],
    ['{,"a":1}', {}],
    ['{"a"}', {}],
    ['{"a":1]', { a: 1 }],
    ['[1,]', [1]],
    ['[1,2}', [1, 2]],
    ['[1 2]', [1]],
    ['[01,2]', []],
    ['[1,truex,2]', [1, true]],
    ['[1,nulx,2]', [1]],
    ['[1,2,+3,4]', [1, 2]],
    ['["a","b\\x","c"]', ['a', 'b']],
    ['["a\\u00g0"]', ['a']],
    ['["a\nb"]', ['a']],
    ['[1,\u00a02]', [1]],
    ['[1]]', [1]],
    ['{}{"a":1}', {}],
    ['"a"b', 'a'],
    ["{'a':1}", {}],
    ['[1,/* */2]', [1]],
    ['\ufeff{"a":1}', undefined],
  ])('keeps what came before it: %j', (text, value) => {
    expect(read(text)).toStrictEqual(value)
    expect(read(...text)).toStrictEqual(value)
    expect(read(text, '"more"', ']}')).toStrictEqual(value)
  })

  it('never throws', () => {
    const pieces = fc.array(
      fc.oneof(fc.constantFrom(...'{}[],:"\\-0e.tfn ', 'u', 'true', '"a"', '__proto__'), fc.string()),
    )
    fc.assert(fc.property(pieces, (chunks) => void read(...chunks)))
  })
})

describe('a name that objects have already', () => {
  it('is a property of its own and pollutes nothing', () => {
    const text = '{"__proto__":{"polluted":[1]},"constructor":{"prototype":{"polluted":1}},"toString":"x"}'
    const json = createPartialJson()
    for (const char of text) {
      json.push(char)
      const value = json.value as object
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect((value as { polluted?: unknown }).polluted).toBeUndefined()
    }
    expect(JSON.stringify(json.value)).toBe(text)
    expect(Object.keys(json.value as object)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('the values that are given out', () => {
  it('are the same until the text says more', () => {
    const json = createPartialJson()
    json.push('{"a":["x"')
    const before = json.value
    expect(json.value).toBe(before)
    json.push(' ], "b')
    expect(json.value).toBe(before)
    json.push('": 1')
    expect(json.value).toBe(before)
    json.push('}')
    expect(json.value).not.toBe(before)
  })

  it('share what did not change', () => {
    const json = createPartialJson()
    json.push('{"done":{"x":[1]},"open":[{"y":1},{"z":"a')
    const before = json.value as { done: object; open: object[] }
    json.push('b')
    const after = json.value as { done: object; open: object[] }
    expect(after).toStrictEqual({ done: { x: [1] }, open: [{ y: 1 }, { z: 'ab' }] })
    expect(before).toStrictEqual({ done: { x: [1] }, open: [{ y: 1 }, { z: 'a' }] })
    expect(after.done).toBe(before.done)
    expect(after.open[0]).toBe(before.open[0])
    expect(after.open[1]).not.toBe(before.open[1])
    json.push('"}]}')
    const whole = json.value as { done: object; open: object[] }
    expect(whole, 'the end adds nothing').toBe(after)
  })
})

/** Freezes a value and all in it, so that a change of it throws or is seen. */
function freeze(value: unknown): unknown {
  const open = [value]
  while (open.length) {
    const each = open.pop()
    if (typeof each !== 'object' || !each || Object.isFrozen(each)) continue
    Object.freeze(each)
    open.push(...Object.values(each))
  }
  return value
}

/** Whether this may be the beginning of that: strings are prefixes, arrays and objects have some of the entries. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part)
  if (typeof part !== 'object' || !part) return Object.is(part, whole)
  if (typeof whole !== 'object' || !whole || Array.isArray(part) !== Array.isArray(whole)) return false
  return Object.entries(part).every(
    ([key, value]) =>
      Object.hasOwn(whole, key) && isPartOf(value, Object.getOwnPropertyDescriptor(whole, key)?.value),
  )
}

/** A text and a way to cut it, some of the cuts inside surrogate pairs. */
const cutText = fc
  .tuple(
    fc.jsonValue({ stringUnit: 'binary' }),
    fc.constantFrom(undefined, 1, '\t'),
    fc.boolean(),
    fc.array(fc.nat(400), { maxLength: 20 }),
  )
  .map(([value, indent, escape, cuts]) => {
    let text = JSON.stringify(value, null, indent)
    if (escape) {
      text = text.replace(
        /[\u0080-\uffff]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    }
    const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
    return { text, chunks: places.slice(1).map((place, index) => text.slice(places[index], place)) }
  })

// Compared as text: Vitest takes a property named `constructor` for the real one.
describe('any JSON, however it is cut', () => {
  it('ends as JSON.parse reads it', () => {
    fc.assert(
      fc.property(cutText, ({ text, chunks }) => {
        const whole = JSON.stringify(JSON.parse(text))
        expect(JSON.stringify(read(...chunks))).toBe(whole)
        expect(JSON.stringify(read(...text.split('')))).toBe(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('gives at each cut what it gives for that beginning, a part of the whole, which never changes', () => {
    fc.assert(
      fc.property(cutText, ({ text, chunks }) => {
        const json = createPartialJson()
        const whole: unknown = JSON.parse(text)
        const given: [value: unknown, asText: string][] = []
        let beginning = ''
        for (const chunk of chunks) {
          json.push(chunk)
          beginning += chunk
          const value = freeze(json.value)
          given.push([value, JSON.stringify(value)])
          // A number that is the whole text is the last good one, which depends on when it was read.
          if (typeof whole === 'number') continue
          expect(JSON.stringify(value)).toBe(JSON.stringify(read(beginning)))
          expect(value === undefined || isPartOf(value, whole)).toBe(true)
        }
        expect(JSON.stringify(json.value)).toBe(JSON.stringify(whole))
        for (const [value, asText] of given) expect(JSON.stringify(value)).toBe(asText)
      }),
      { numRuns: 500 },
    )
  })
})

describe('long texts', () => {
  /** Reads after each piece; the number of values that were given out. */
  function readOften(text: string, size: number): { values: number; value: unknown; entries: number } {
    const json = createPartialJson()
    let values = 0
    let entries = 0
    let before: unknown
    for (let at = 0; at < text.length; at += size) {
      json.push(text.slice(at, at + size))
      const { value } = json
      if (value !== before) {
        values++
        entries += Object.keys(value as object).length
      }
      before = value
    }
    return { values, value: json.value, entries }
  }

  it('are read without recursion', () => {
    const depth = 100_000
    const json = createPartialJson()
    for (let at = 0; at < depth; at++) {
      json.push('[')
      void json.value
    }
    json.push(']'.repeat(depth))
    let value = json.value as [unknown]
    let found = 1
    for (; value.length; found++) value = value[0] as [unknown]
    expect(found).toBe(depth)
  })

  it('show a long string at each read', () => {
    const text = JSON.stringify({ code: 'x'.repeat(100_000) })
    const { values, value } = readOften(text, 10)
    expect(values).toBeGreaterThan(9_990)
    expect((value as { code: string }).code.length).toBe(100_000)
  })

  it('show a small object at each read', () => {
    const text = JSON.stringify(Array.from({ length: 10 }, (_, id) => ({ id, name: 'x', tags: ['a', 'b'] })))
    const json = createPartialJson()
    for (let at = 1; at <= text.length; at++) {
      json.push(text.charAt(at - 1))
      expect(json.value).toStrictEqual(read(text.slice(0, at)))
    }
  })

  it('copy no more of a wide array than is proportional to the text, and are right in the end', () => {
    const list = Array.from({ length: 50_000 }, () => 1)
    const text = JSON.stringify(list)
    const { values, value, entries } = readOften(text, 2)
    expect(value).toStrictEqual(list)
    expect(values).toBeGreaterThan(100)
    expect(entries).toBeLessThan(text.length * 20)
  })

  it('copy no more of a wide object, either', () => {
    const object = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key ${index}`, index]))
    const text = JSON.stringify(object)
    const { values, value, entries } = readOften(text, 2)
    expect(value).toStrictEqual(object)
    expect(values).toBeGreaterThan(20)
    expect(entries).toBeLessThan(text.length * 4)
  })

  it('parse a number that is the whole text no more often, either', () => {
    const json = createPartialJson()
    for (let at = 0; at < 100_000; at++) {
      json.push('0.5'.charAt(at) || '0')
      void json.value
    }
    expect(json.value).toBe(0.5)
  })
})
