import fc from 'fast-check'

/** Any JSON that has these names and words where they were never meant to be. */
export function looseJson(names: fc.Arbitrary<string>, words: readonly unknown[]): fc.Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(null, 0, 1, -1.5, true, false, '', 'text', ...words),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map((entries): unknown =>
        // Own properties of any name, as JSON.parse makes them.
        JSON.parse(
          `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join()}}`,
        ),
      ),
    ),
  }))
  return value
}
