import { readFileSync } from 'node:fs'
import { loadEnvFile } from 'node:process'
import { parseEnv } from 'node:util'

/** The variables we read, and so the ones whose loss is worth a word. */
const OURS = /^(?:export\s+)?(PORT|RIVULET_\w+|OPENAI_\w+)\s*=/gm

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/**
 * Add the variables of a `.env` file to `process.env`; what is there already wins, a missing file is fine.
 *
 * Returns what is wrong with the file, in words and without its values.
 */
export function readEnvFile(path: string): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return []
    return [`${path} could not be read (${error instanceof Error ? error.message : error}); it is ignored.`]
  }
  loadEnvFile(path)
  // Node's parser passes over what it cannot read without a word.
  const read = parseEnv(text)
  const names = new Set([...text.matchAll(OURS)].map((match) => match[1] ?? ''))
  return [...names]
    .filter((name) => !(name in read))
    .map((name) => `${name} in ${path} could not be read; check its quotes.`)
}
