import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readEnvFile } from './env-file.ts'

describe('readEnvFile', () => {
  let folder: string
  let path: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rivulet-env-'))
    path = join(folder, '.env')
    for (const name of ['OPENAI_MODEL', 'OPENAI_API_KEY', 'PORT']) vi.stubEnv(name, undefined)
    vi.stubEnv('RIVULET_ORIGINS', 'from-the-environment')
  })

  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it('is content without a file', () => {
    expect(readEnvFile(path)).toEqual([])
  })

  it('adds what is new and leaves what is there', () => {
    writeFileSync(path, '# mine\nOPENAI_MODEL="some model"\nRIVULET_ORIGINS=from-the-file\n')
    expect(readEnvFile(path)).toEqual([])
    expect(process.env.OPENAI_MODEL).toBe('some model')
    expect(process.env.RIVULET_ORIGINS).toBe('from-the-environment')
  })

  it('names a variable of ours that was lost, and not its value', () => {
    writeFileSync(path, 'PORT=9000\nOPENAI_API_KEY="sk-secret')
    const problems = readEnvFile(path)
    expect(problems).toEqual([`OPENAI_API_KEY in ${path} could not be read; check its quotes.`])
    expect(process.env.PORT).toBe('9000')
    expect(process.env.OPENAI_API_KEY).toBeUndefined()
  })

  it('says that a file is not readable', () => {
    expect(readEnvFile(folder)).toEqual([expect.stringMatching(/could not be read \(EISDIR.*it is ignored/)])
  })
})
