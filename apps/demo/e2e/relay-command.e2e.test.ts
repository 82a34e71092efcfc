import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const manifest = createRequire(import.meta.url).resolve('@rivulet/relay/package.json')
const BIN = join(dirname(manifest), 'bin', 'rivulet-relay.js')

let folder: string
let provider: Server
let providerUrl: string
let keys: (string | undefined)[]
const ends: (() => void)[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rivulet-cli-'))
  keys = []
  provider = createServer((request, response) => {
    keys.push(request.headers.authorization)
    response.setHeader('content-type', 'application/json')
    response.end('{"data":[]}')
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`
})

afterEach(() => {
  for (const end of ends.splice(0)) end()
  provider.closeAllConnections()
  provider.close()
  rmSync(folder, { recursive: true })
})

/** Start the built command in the folder with this `.env`, and with nothing of the developer's own environment. */
function run(envFile: string) {
  writeFileSync(join(folder, '.env'), envFile)
  const child = spawn(process.execPath, [BIN, '--port', '0'], { cwd: folder, env: {} })
  ends.push(() => child.kill('SIGKILL'))
  let text = ''
  const started = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        const url = /Relay to \S+: (\S+)\n/.exec(text)?.[1]
        if (url !== undefined) resolve(url)
      })
    }
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return { child, started, exited, text: () => text }
}

describe('rivulet-relay', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'reads .env, relays with its key, and ends with 0 on %s',
    async (signal) => {
      const file = `\uFEFFOPENAI_BASE_URL=${providerUrl}\r\nOPENAI_API_KEY=sk-of-the-file\r\n`
      const { child, started, exited, text } = run(file)
      const url = await started
      expect(await (await fetch(`${url}/models`)).text()).toBe('{"data":[]}')
      expect(new Set(keys)).toEqual(new Set(['Bearer sk-of-the-file']))
      child.kill(signal)
      expect(await exited).toBe(0)
      expect(text()).toBe(`Relay to ${new URL(providerUrl).host}: ${url}\n`)
      await expect(fetch(`${url}/models`)).rejects.toThrow()
    },
  )

  it('does not start when the address in .env was lost, and does not tell the key', async () => {
    const { exited, text } = run(`OPENAI_API_KEY=sk-of-the-file\nOPENAI_BASE_URL="${providerUrl}`)
    expect(await exited).toBe(1)
    expect(text()).toMatch(/^OPENAI_BASE_URL in \.env could not be read;.+\nOPENAI_BASE_URL .+ sent nowhere/)
    expect(text()).not.toContain('sk-of')
    expect(keys).toEqual([])
  })
})
