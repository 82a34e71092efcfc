import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { UNREADABLE_BASE_URL } from './upstream-from-env.ts'

/**
 * Where a line that is no comment begins with a variable of ours, whatever stands around the name: Node's parser
 * gives such a line to its neighbour, or to another name, without a word.
 */
const OURS = /^[^\w#\r\n]*(?:\w+[ \t]+)?(PORT|RIVULET_\w+|OPENAI_\w+)(?![\w.-])/gm

/** The one whose loss sends a key to the wrong provider, however it is written: other shells, invisible characters. */
const BASE_URL = /^[^#\r\n]*OPENAI[_-]BASE[_-]URL/im

/** A key of the parser's that can be a variable; what it makes of a broken line has spaces or line breaks inside. */
const NAME = /^[\w.-]+$/

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/**
 * Adds the variables of a `.env` file to an environment. What is set there already wins, also when it is empty; a
 * missing file is fine, and so is a byte order mark. Never throws.
 *
 * Returns what is wrong, in words and without values: the file cannot be read, or a line that names `PORT`,
 * `OPENAI_*` or `RIVULET_*` cannot. A lost `OPENAI_BASE_URL` is set to a value that is no address, so that a key
 * which was meant for that provider is sent to no other: {@link upstreamFromEnv} calls it unusable.
 *
 * @example
 * for (const problem of readEnvFile('.env')) console.warn(problem)
 * const { upstream } = upstreamFromEnv(process.env)
 */
export function readEnvFile(path: string, env: Record<string, string | undefined> = process.env): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (isMissing(error)) return []
    return [`${path} could not be read (${error instanceof Error ? error.message : error}); it is ignored.`]
  }
  const read = parseEnv(text)
  for (const [name, value] of Object.entries(read)) {
    if (NAME.test(name)) env[name] ??= value
  }
  // Without its zeros a UTF-16 file, which some editors and shells make, still shows its names.
  const named = new Set([...text.replaceAll('\0', '').matchAll(OURS)].map((match) => match[1]!))
  if (BASE_URL.test(text.replaceAll(/[\0\p{Cf}]/gu, ''))) named.add('OPENAI_BASE_URL')
  const lost = [...named].filter((name) => !(name in read))
  if (lost.includes('OPENAI_BASE_URL')) env['OPENAI_BASE_URL'] ??= UNREADABLE_BASE_URL
  return lost.map(
    (name) =>
      `${name} in ${path} could not be read; check that line, the one before it, their quotes, and that the file is UTF-8.`,
  )
}
