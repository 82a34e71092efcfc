import { startUpstream, type UpstreamReply } from '@rivulet/testkit/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readCliOptions } from './cli-options.ts'
import { serve } from './node.ts'
import { runCli } from './run-cli.ts'

const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

function run(args: string[], env: Record<string, string> = {}) {
  const stop = new AbortController()
  const printed: string[] = []
  const warned: string[] = []
  const print = (line: string): void => void printed.push(line)
  const warn = (line: string): void => void warned.push(line)
  const exit = runCli({ args, env, print, warn, stop: stop.signal })
  cleanUps.push(() => stop.abort())
  const url = (): Promise<string> =>
    vi.waitFor(() => {
      const found = /http:\S+/.exec(printed.join('\n'))?.[0]
      if (found === undefined) throw new Error(`no address yet: ${warned.join('\n')}`)
      return found
    })
  return { exit, printed, warned, url, stop: () => stop.abort() }
}

async function upstreamWith(reply: UpstreamReply) {
  const upstream = await startUpstream(reply)
  cleanUps.push(upstream.close)
  return { upstream, env: { OPENAI_BASE_URL: `${upstream.url}/v1`, OPENAI_API_KEY: 'sk-secret-1' } }
}

const models: UpstreamReply = { headers: { 'content-type': 'application/json' }, body: '{"data":[]}' }

describe('a relay that runs', () => {
  test('prints one line with its address, relays, and ends with 0 when it is stopped', async () => {
    const { env, upstream } = await upstreamWith(models)
    const { exit, printed, warned, url, stop } = run(['--port', '0'], env)
    const base = await url()
    expect(printed).toEqual([`Relay to ${new URL(upstream.url).host}: ${base}`])
    expect(await (await fetch(`${base}/models`)).text()).toBe('{"data":[]}')
    expect(upstream.requests.at(-1)?.headers['authorization']).toBe('Bearer sk-secret-1')
    stop()
    expect(await exit).toBe(0)
    expect(warned).toEqual([])
    await expect(fetch(`${base}/models`)).rejects.toThrow()
  })

  test('takes PORT, and listed origins only', async () => {
    const { env } = await upstreamWith(models)
    const { url } = run(['--origin', 'https://a.test', '--origin', 'https://b.test'], { ...env, PORT: '0' })
    const base = await url()
    const status = async (origin: string) => (await fetch(`${base}/models`, { headers: { origin } })).status
    expect([
      await status('https://a.test'),
      await status('https://b.test'),
      await status('https://c.test'),
    ]).toEqual([200, 200, 403])
  })

  test('says when the upstream refuses the key, and runs on', async () => {
    const { env } = await upstreamWith({ status: 401 })
    const { warned, url } = run(['--port', '0'], env)
    await url()
    await vi.waitFor(() => expect(warned).toEqual([expect.stringMatching(/refused the key/)]))
    expect(warned.join()).not.toContain('secret')
  })

  test('answers on loopback under its own names only', async () => {
    const { env } = await upstreamWith(models)
    const { url } = run(['--port', '0'], env)
    const { port } = new URL(await url())
    const { request } = await import('node:http')
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        request({ port, host: '127.0.0.1', path: '/v1/models', headers: { host } }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).end()
      })
    expect([await status(`localhost:${port}`), await status(`evil.test:${port}`)]).toEqual([200, 421])
  })
})

test.each([['127.0.0.2'], ['[::1]'], ['localhost']])('nobody else can reach --host %s', (host) => {
  expect(readCliOptions(['--host', host], {}).kind).toBe('serve')
})

describe('a command that cannot run', () => {
  const env = { OPENAI_API_KEY: 'sk-1' }

  test.each([
    [['--prot', '1'], env, 2, /--prot/],
    [['serve'], env, 2, /serve/],
    [['--port', 'x'], env, 2, /--port is "x"/],
    [['--port', '65536'], env, 2, /0 to 65535/],
    [[], { ...env, PORT: '80a' }, 2, /PORT is "80a"/],
    [['--host', '0.0.0.0'], env, 2, /--allow-anyone/],
    [['--origin', 'https://a.test/'], env, 2, /Write "https:\/\/a\.test"/],
    [[], {}, 1, /Set OPENAI_API_KEY, OPENAI_BASE_URL or both/],
    [[], { OPENAI_API_KEY: 'sk 1' }, 1, /OPENAI_API_KEY has white space/],
  ] as const)('%j with %j exits %i', async (args, environment, code, message) => {
    const { exit, warned, printed } = run([...args], environment)
    expect(await exit).toBe(code)
    expect(warned.join('\n')).toMatch(message)
    expect(printed).toEqual([])
  })

  test('a taken port exits 1 and says how to choose another', async () => {
    const other = await serve({ fetch: () => new Response() }, { port: 0 })
    cleanUps.push(other.close)
    const { exit, warned } = run(['--port', String(other.port)], env)
    expect(await exit).toBe(1)
    expect(warned).toEqual([expect.stringMatching(/is in use.*PORT=/)])
  })
})

test.each([['--help'], ['-h']])('%s explains every option', async (flag) => {
  const { exit, printed } = run([flag])
  expect(await exit).toBe(0)
  for (const option of [
    '--port',
    '--host',
    '--origin',
    '--allow-anyone',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
  ]) {
    expect(printed.join()).toContain(option)
  }
})
