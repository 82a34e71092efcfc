import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readEnvFile } from './read-env-file.ts'
import { upstreamFromEnv } from './upstream-from-env.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rivulet-env-'))
  path = join(folder, '.env')
})

afterEach(() => rmSync(folder, { recursive: true }))

function read(content: string | Uint8Array, env: Record<string, string | undefined> = {}) {
  writeFileSync(path, content)
  return { problems: readEnvFile(path, env), env }
}

const lost = (name: string): string =>
  `${name} in ${path} could not be read; check that line, the one before it, their quotes, and that the file is UTF-8.`

describe('what is read', () => {
  test('a missing file is fine', () => {
    expect(readEnvFile(path, {})).toEqual([])
  })

  test('what is new is added, what is there stays', () => {
    const { env, problems } = read('# mine\nOPENAI_MODEL="some model"\nPORT=1\nRIVULET_ORIGINS=2\n', {
      PORT: '',
      RIVULET_ORIGINS: 'from the environment',
    })
    expect(problems).toEqual([])
    expect(env).toEqual({ OPENAI_MODEL: 'some model', PORT: '', RIVULET_ORIGINS: 'from the environment' })
  })

  test('the first line counts after a byte order mark, too', () => {
    const { env, problems } = read('\uFEFFOPENAI_BASE_URL=https://a.test/v1\nOPENAI_API_KEY=sk-1\n')
    expect(problems).toEqual([])
    expect(env).toEqual({ OPENAI_BASE_URL: 'https://a.test/v1', OPENAI_API_KEY: 'sk-1' })
  })

  test('other people’s variables and comments are nobody’s problem', () => {
    const { problems } = read('# OPENAI_API_KEY is secret\nOTHER="x\nexport PORT=1\r\nMY_PORT=2\nPORT-X=3\n')
    expect(problems).toEqual([])
  })

  test('process.env is the default', () => {
    vi.stubEnv('OPENAI_MODEL', undefined)
    writeFileSync(path, 'OPENAI_MODEL=m')
    readEnvFile(path)
    expect(process.env['OPENAI_MODEL']).toBe('m')
    vi.unstubAllEnvs()
  })
})

test.each([
  '$env:OPENAI_BASE_URL="https://a.test/v1"',
  'A=1; OPENAI_BASE_URL=https://a.test/v1',
  'please export OPENAI_BASE_URL=https://a.test/v1',
  'OPENAI\u200B_BASE_URL=https://a.test/v1',
  'OPENAI-BASE-URL=https://a.test/v1',
  'openai_base_url=https://a.test/v1',
])('an address written as %j sends the key nowhere', (line) => {
  const { problems, env } = read(`${line}\nOPENAI_API_KEY=sk-1\n`)
  expect(problems).toContain(lost('OPENAI_BASE_URL'))
  expect(upstreamFromEnv(env).upstream).toBeUndefined()
})

describe('what is lost is named, without its value', () => {
  test.each([
    ['PORT=9000\nOPENAI_API_KEY="sk-secret', 'OPENAI_API_KEY'],
    ['OPENAI_MODEL="m\nOPENAI_API_KEY="sk-secret"\n', 'OPENAI_API_KEY'],
    ['junk\nOPENAI_API_KEY=sk-secret\n', 'OPENAI_API_KEY'],
    ['OPENAI_API_KEY: sk-secret\n', 'OPENAI_API_KEY'],
    ['export\tOPENAI_API_KEY=sk-secret\n', 'OPENAI_API_KEY'],
    ['"OPENAI_API_KEY"=sk-secret\n', 'OPENAI_API_KEY'],
    ['\u00a0OPENAI_API_KEY=sk-secret\n', 'OPENAI_API_KEY'],
    [Buffer.from('\uFEFFOPENAI_API_KEY=sk-secret\r\n', 'utf16le'), 'OPENAI_API_KEY'],
  ])('%j', (content, name) => {
    const { env, problems } = read(content)
    expect(problems).toEqual([lost(name)])
    expect(env[name]).toBeUndefined()
    expect(Object.keys(env).join()).not.toMatch(/[^\w,]/)
  })

  test('a file that cannot be read is ignored, and that is said', () => {
    expect(readEnvFile(folder, {})).toEqual([
      expect.stringMatching(/could not be read \(EISDIR.*it is ignored/),
    ])
  })
})

describe('an address that was named and lost', () => {
  test.each([
    ['OPENAI_BASE_URL="https://a.test/v1'],
    ['junk\nOPENAI_BASE_URL=https://a.test/v1\n'],
    ['OPENAI_BASE_URL: https://a.test/v1\n'],
    ['OPENAI_BASE_URL https://a.test/v1\n'],
  ])('%j: the key goes nowhere', (content) => {
    const { env, problems } = read(content, { OPENAI_API_KEY: 'sk-secret' })
    expect(problems).toEqual([lost('OPENAI_BASE_URL')])
    const { given, upstream, problems: said } = upstreamFromEnv(env)
    expect({ given, upstream }).toEqual({ given: true, upstream: undefined })
    expect(said).toEqual([expect.stringMatching(/OPENAI_BASE_URL .+could not be read.+key is sent nowhere/)])
  })

  test('does not matter when the environment names one', () => {
    const { env } = read('OPENAI_BASE_URL="https://a.test/v1', { OPENAI_BASE_URL: 'https://b.test/v1' })
    expect(env).toEqual({ OPENAI_BASE_URL: 'https://b.test/v1' })
  })
})
