import type { EventSourceMessage } from '@microsoft/fetch-event-source'
import { bytesOf } from '@rivulet/testkit'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { call, endCalls, original } from '../test/fetch-event-source-call.ts'
import { fetchEventSource } from './fetch-event-source.ts'

// The same streams for the original and for ours. Of good pieces both make the same messages; with one piece of the
// six kinds that the original reads wrongly it never makes the right ones, and ours does.

afterEach(async () => {
  await endCalls()
  vi.unstubAllGlobals()
})

/** A block of lines: what ends it and them is chosen later. */
type Block = readonly string[]

const noEnds = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replace(/[\r\n]/g, 'é'))
/** U+FEFF at the beginning of a line or a value is a kind of its own. */
const text = noEnds.map((value) => value.replace(/^ ?\uFEFF/, '🙂'))
const space = fc.constantFrom('', ' ')
const field = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(space, value).map(([gap, rest]) => `${name}:${gap}${rest.replace(/^ /, gap && ' ')}`)

const wordless = text.map((value) => value.replace(/[:\0]/g, '').trim() || 'x')
const goodLine = fc.oneof(
  field('event', text),
  field(
    'id',
    text.map((value) => value.replaceAll('\0', '')),
  ),
  field('retry', fc.oneof(fc.nat().map(String), fc.constantFrom('', '007', 'soon', '-', '.5', 'x1'))),
  text.map((value) => `:${value}`),
  // Without a colon a line is a field as well, but one that has no name of ours has no meaning.
  wordless.filter((name) => !/^(data|event|id|retry)$/.test(name)),
  fc
    .tuple(fc.constantFrom('Data', 'data ', ' data', 'id\t', 'event-type', 'rétry'), text)
    .map(([name, value]) => `${name}:${value}`),
)
const dataLine = field('data', text)
const firstData = field(
  'data',
  text.map((value) => value.trimStart() || 'x'),
)
const goodBlock: fc.Arbitrary<Block> = fc
  .tuple(
    fc.array(goodLine, { maxLength: 3 }),
    fc.oneof(
      fc.tuple(firstData, fc.array(fc.oneof(dataLine, goodLine), { maxLength: 4 })),
      // Empty data is fine when nothing follows it.
      fc.tuple(fc.constantFrom('data:', 'data: '), fc.array(goodLine, { maxLength: 2 })),
    ),
  )
  .map(([before, [first, rest]]) => [...before, first, ...rest])

/** Per kind: a block that the original reads wrongly, after a good one. */
const FAULTS: Record<string, fc.Arbitrary<Block>> = {
  'a block without data, such as a keep-alive': fc.oneof(
    fc.constant([]),
    fc.array(goodLine, { minLength: 1, maxLength: 2 }),
  ),
  'data that begins with an empty line': fc
    .tuple(fc.constantFrom('data:', 'data: '), fc.array(dataLine, { minLength: 1, maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest]),
  'a BOM after the beginning': fc
    .tuple(fc.constantFrom('', ' '), text, fc.boolean())
    .map(([gap, value, atLine]) =>
      // At the start of a line it makes an unknown name; in a value it is a character.
      atLine ? ['data:x', `\uFEFFdata:${gap}${value}`] : [`data:${gap}\uFEFF${value}`],
    ),
  // ('data' alone makes the right message in the original, by the first kind.)
  'a line without a colon': fc.constantFrom(
    ['data:x', 'data'],
    ['data', 'data:x'],
    ['data:x', 'event:y', 'event'],
    ['data:x', 'id:y', 'id'],
  ),
  'a NUL in an id': fc.tuple(noEnds, noEnds).map(([a, b]) => ['data:x', `id:é${a}\0${b}`]),
  'a retry that is no number': fc
    .tuple(fc.nat({ max: 99 }), fc.constantFrom('x', '.5', ' ', 'e3', '-'))
    .map(([number, tail]) => ['data:x', `retry:${number}${tail}`]),
}

const end = fc.constantFrom('\n', '\r', '\r\n')

/** Blocks as bytes, with line ends of all kinds and some BOM or none, cut anywhere. */
function streamOf(
  blocks: fc.Arbitrary<readonly Block[]>,
): fc.Arbitrary<{ text: string; chunks: Uint8Array[] }> {
  return fc
    .tuple(
      blocks,
      fc.boolean(),
      fc.array(end, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 }),
    )
    .filter(([, , , sizes]) => sizes.some((size) => size > 0))
    .map(([all, bom, ends, sizes]) => {
      let turn = 0
      let body = bom && all.length > 0 ? '\uFEFF' : ''
      for (const line of all.flatMap((block) => [...block, ''])) {
        const next = ends[turn++ % ends.length] as string
        // An LF after a CR would belong to it, and the line would be one less.
        body += line + (line === '' && next === '\n' && body.endsWith('\r') ? '\r' : next)
      }
      const bytes = bytesOf(body)
      const chunks: Uint8Array[] = []
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const size = sizes[n % sizes.length] as number
        chunks.push(bytes.slice(at, at + size))
        at += size
      }
      return { text: body, chunks }
    })
}

/** HTML 9.2.6 on a whole text, with the package's messages. */
function byTheBook(body: string): EventSourceMessage[] {
  const messages: EventSourceMessage[] = []
  let message: EventSourceMessage = { data: '', event: '', id: '', retry: undefined } as never
  let data: string[] = []
  for (const line of body.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const [, name = line, value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? []
    if (line === '') {
      if (data.length > 0) messages.push({ ...message, data: data.join('\n') })
      message = { data: '', event: '', id: '', retry: undefined } as never
      data = []
    } else if (name === 'data') data.push(value)
    else if (name === 'event') message.event = value
    else if (name === 'id' && !value.includes('\0')) message.id = value
    else if (name === 'retry' && /^\d+$/.test(value)) message.retry = Number(value)
  }
  return messages
}

async function read(
  run: typeof fetchEventSource,
  chunks: readonly Uint8Array[],
  method: string,
): Promise<{ messages: EventSourceMessage[]; log: string[]; outcome: unknown }> {
  const { done, messages, log, ...state } = call(run, [{ body: chunks }], { method })
  await done
  await endCalls()
  return { messages, log, outcome: state.errors }
}

describe('of good pieces', () => {
  it('both make the same messages, and call the same handlers in the same order', async () => {
    const streams = streamOf(fc.array(goodBlock, { maxLength: 5 }))
    await fc.assert(
      fc.asyncProperty(streams, fc.constantFrom('GET', 'POST'), async ({ text, chunks }, method) => {
        const ours = await read(fetchEventSource, chunks, method)
        expect(ours).toStrictEqual(await read(original, chunks, method))
        expect(ours.messages).toStrictEqual(byTheBook(text))
      }),
      { numRuns: 1000 },
    )
  }, 60_000)
})

describe('with one that the original reads wrongly', () => {
  it.each(Object.entries(FAULTS))(
    '%s: ours are right, its never',
    async (_, fault) => {
      const blocks = fc
        .tuple(fc.array(goodBlock, { maxLength: 2 }), goodBlock, fault, fc.array(goodBlock, { maxLength: 2 }))
        .map(([before, good, bad, after]) => [...before, good, bad, ...after])
      await fc.assert(
        fc.asyncProperty(streamOf(blocks), async ({ text, chunks }) => {
          const right = byTheBook(text)
          expect((await read(fetchEventSource, chunks, 'GET')).messages).toStrictEqual(right)
          expect((await read(original, chunks, 'GET')).messages).not.toStrictEqual(right)
        }),
        { numRuns: 200 },
      )
    },
    60_000,
  )

  it('several at once: ours are right', async () => {
    const blocks = fc.array(fc.oneof(goodBlock, ...Object.values(FAULTS)), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(streamOf(blocks), async ({ text, chunks }) => {
        expect((await read(fetchEventSource, chunks, 'GET')).messages).toStrictEqual(byTheBook(text))
      }),
      { numRuns: 500 },
    )
  }, 60_000)
})
