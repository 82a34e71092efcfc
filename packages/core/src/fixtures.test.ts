/// <reference types="vite/types/importMeta.d.ts" />
import { checkFixture } from '@rivulet/testkit'
import type { ExpectedAnswer } from '@rivulet/testkit'
import { expect, test } from 'vitest'
import { streamMessage } from './stream-message.ts'

interface Row {
  readonly fixture: string
  readonly contentType: string
  readonly shows: string
}

const [catalogue = []] = Object.values(
  import.meta.glob<Row[]>('../test/fixtures/catalogue.json', { import: 'default', eager: true }),
)

/** As `data:` URLs: as text, bodies would lose their byte order marks and what is no text in them. */
const bodies = import.meta.glob<string>('../test/fixtures/*/*.{sse,ndjson,txt,bin}', {
  query: '?url&inline',
  import: 'default',
  eager: true,
})
const expectations = import.meta.glob<ExpectedAnswer>('../test/fixtures/*/*.expected.json', {
  import: 'default',
  eager: true,
})

/** A cut after every byte is what `pnpm check:fixtures packages/core/test/fixtures` makes; it takes a minute. */
const MAX_CUTS = 60

const FOLDER = '../test/fixtures/'

const bytesOf = (url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (character) => character.charCodeAt(0))

test('the catalogue lists every body, and each has its expectation', () => {
  expect(catalogue.length).toBeGreaterThan(0)
  const listed = catalogue.map(({ fixture }) => FOLDER + fixture).sort()
  expect(Object.keys(bodies).sort()).toEqual(listed)
  const expected = listed.map((path) => path.replace(/\.\w+$/, '.expected.json'))
  expect(Object.keys(expectations).sort()).toEqual(expected.sort())
})

const titled = catalogue.map((row) => [`${row.fixture}: ${row.shows}`, row] as const)

test.each(titled)('%s', async (_title, { fixture, contentType }) => {
  const body = bytesOf(bodies[FOLDER + fixture] as string)
  const expected = expectations[FOLDER + fixture.replace(/\.\w+$/, '.expected.json')] as ExpectedAnswer
  const found = await checkFixture({ name: fixture, body, contentType, expected }, streamMessage, {
    maxCuts: MAX_CUTS,
  })
  expect(found).toEqual([])
})
