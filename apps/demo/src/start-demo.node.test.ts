import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnvFile, serve, type FetchApp, type RelayServer } from '@rivulet/relay/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DemoInfo } from './demo-info.ts'
import { startDemo, type Demo, type DemoOptions } from './start-demo.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rivulet-demo-'))
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true })
  mkdirSync(join(folder, 'script'))
  writeFileSync(join(folder, 'page', 'index.html'), '<title>Rivulet</title>')
  writeFileSync(join(folder, 'page', 'assets', 'index-abc.css'), 'p {}')
  writeFileSync(join(folder, 'script', 'rivulet.js'), 'export {}')
  writeFileSync(join(folder, 'script', 'rivulet-chunk-abc.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
})
afterAll(() => rmSync(folder, { recursive: true }))

const running: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()))
})

async function start(options: Partial<DemoOptions> = {}): Promise<Demo & { lines: string[] }> {
  const lines: string[] = []
  const demo = await startDemo({
    env: {},
    port: 0,
    origins: [],
    model: undefined,
    log: (line) => lines.push(line),
    pageFolder: join(folder, 'page'),
    scriptFolder: join(folder, 'script'),
    ...options,
  })
  running.push(demo)
  return { ...demo, lines }
}

async function startProvider(fetch: FetchApp['fetch']): Promise<RelayServer> {
  const server = await serve({ fetch }, { port: 0 })
  running.push(server)
  return server
}

async function info(demo: Demo): Promise<DemoInfo> {
  return (await (await fetch(`${demo.url}demo.json`)).json()) as DemoInfo
}

/** As fetch, but with a Host of our choice and the path as it is. */
function request(url: string, path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    get({ hostname, port, path, headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

describe('startDemo', () => {
  it('says in one line where the page is and who answers', async () => {
    const { url, lines } = await start()
    expect(url).toMatch(/^http:\/\/localhost:\d+\/$/)
    expect(lines).toEqual([
      `Rivulet is at ${url} and asks a demonstration model (rivulet-demo). Ctrl-C ends it.`,
    ])
  })

  it('tells the page about the demonstration model', async () => {
    const { upstream, model, models, problem, suggestions } = await info(await start())
    expect({ upstream, model, models, problem }).toEqual({
      upstream: { kind: 'demonstration', name: 'Demonstration model' },
      model: 'rivulet-demo',
      models: ['rivulet-demo'],
      problem: null,
    })
    expect(suggestions.length).toBeGreaterThanOrEqual(12)
    expect(suggestions.map(({ group }) => group)).toContain('trouble')
  })

  it('relays to the embedded upstream', async () => {
    const { url } = await start()
    const response = await fetch(`${url}v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'rivulet-demo', messages: [{ role: 'user', content: 'Hello?' }] }),
    })
    expect(await response.text()).toContain('I am a demonstration model')
  })

  it('serves the page under a strict policy', async () => {
    const { url } = await start()
    const { status, headers } = await fetch(url)
    expect(status).toBe(200)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-cache')
    expect(headers.get('access-control-allow-origin')).toBeNull()
    const asset = await fetch(`${url}assets/index-abc.css`)
    expect(asset.headers.get('cache-control')).toContain('immutable')
  })

  it.each(['rivulet.js', 'rivulet-chunk-abc.js'])('serves %s to any page', async (file) => {
    const { url } = await start()
    const { status, headers } = await fetch(`${url}${file}`, { headers: { origin: 'https://example.com' } })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/javascript/)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })

  it.each(['nothing', 'nothing.js', 'assets/nothing.css'])('has no %s', async (file) => {
    const { url } = await start()
    const response = await fetch(`${url}${file}`)
    expect(response.status).toBe(404)
    expect(response.headers.get('cache-control')).toBeNull()
  })

  it('answers to its own names only, and to nothing outside its folders', async () => {
    const { url } = await start()
    const { host, port } = new URL(url)
    for (const path of ['/', '/demo.json', '/rivulet.js', '/v1/models']) {
      expect(await request(url, path, 'example.com')).toBe(421)
      expect(await request(url, path, `example.com:${port}`)).toBe(421)
      expect(await request(url, path, host)).toBe(200)
      expect(await request(url, path, `127.0.0.1:${port}`)).toBe(200)
    }
    expect(await request(url, '/../secret.txt', host)).toBe(404)
    expect(await request(url, '/%2e%2e/secret.txt', host)).toBe(404)
    expect(await request(url, '/..%2fsecret.txt', host)).toBe(404)
  })

  it('lets pages of the listed origins ask, and no others', async () => {
    const { url } = await start({ origins: ['http://localhost:5500'] })
    const from = (origin: string): Promise<Response> => fetch(`${url}v1/models`, { headers: { origin } })
    const allowed = await from('http://localhost:5500')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:5500')
    expect((await from('http://localhost:5501')).status).toBe(403)
  })

  it('names the variable of an origin that is none', async () => {
    await expect(start({ origins: ['http://localhost:5500/'] })).rejects.toThrow(
      /^RIVULET_ORIGINS: .+no slash/,
    )
  })

  it('says what to do about a port that is taken', async () => {
    const { url } = await start()
    const port = Number(new URL(url).port)
    await expect(start({ port })).rejects.toThrow(/Port \d+ on 127\.0\.0\.1 is in use.+PORT=\d+/)
  })

  it('says what to do when nothing is built', async () => {
    const pageFolder = join(folder, 'nowhere')
    await expect(start({ pageFolder })).rejects.toThrow(
      /index\.html is missing\. Build .+: npx -y pnpm@10 build/,
    )
  })

  it('leaves the port free when it is closed', async () => {
    const { url, close } = await start()
    await close()
    await expect(fetch(url)).rejects.toThrow()
  })
})

describe('startDemo with a provider in the environment', () => {
  it('asks it, with its key, and does not tell the key', async () => {
    const asked: (string | null)[] = []
    const provider = await startProvider((request) => {
      asked.push(request.headers.get('authorization'))
      return Response.json({ data: [{ id: 'some-large' }, { id: 'some-mini' }] })
    })
    const { host } = new URL(provider.url)
    const env = { OPENAI_BASE_URL: `${provider.url}/v1`, OPENAI_API_KEY: 'sk-of-the-server' }
    const demo = await start({ env })

    expect(demo.lines).toEqual([`Rivulet is at ${demo.url} and asks ${host} (some-mini). Ctrl-C ends it.`])
    const told = await info(demo)
    expect(told).toMatchObject({
      upstream: { kind: 'provider', name: host },
      model: 'some-mini',
      models: ['some-large', 'some-mini'],
      problem: null,
    })
    expect(told.suggestions.every(({ group }) => group === 'answer')).toBe(true)
    expect(JSON.stringify(told)).not.toContain('sk-of')

    await fetch(`${demo.url}v1/models`, { headers: { authorization: 'Bearer of-the-client' } })
    expect(asked).toEqual(['Bearer sk-of-the-server', 'Bearer sk-of-the-server'])
  })

  it('says in words that the key was refused', async () => {
    const provider = await startProvider(() => Response.json({ error: {} }, { status: 401 }))
    const env = { OPENAI_BASE_URL: `${provider.url}/v1`, OPENAI_API_KEY: 'sk-of-the-server' }
    const demo = await start({ env, model: 'wanted' })
    const words = `${new URL(provider.url).host} refused the key (401). Check OPENAI_API_KEY.`
    expect(demo.lines[1]).toBe(`Warning: ${words}`)
    expect(await info(demo)).toMatchObject({ problem: words, model: 'wanted' })
  })

  it('takes a provider without a list of models, and asks for a name', async () => {
    const provider = await startProvider(() => new Response('', { status: 404 }))
    const env = { OPENAI_BASE_URL: `${provider.url}/v1` }
    const unnamed = await info(await start({ env }))
    expect(unnamed).toMatchObject({ model: null, problem: expect.stringMatching(/OPENAI_MODEL/) })
    const named = await info(await start({ env, model: 'llama3.2' }))
    expect(named).toMatchObject({ model: 'llama3.2', models: ['llama3.2'], problem: null })
  })

  it('starts although the provider cannot be reached', async () => {
    const gone = await serve({ fetch: () => new Response() }, { port: 0 })
    await gone.close()
    const demo = await start({ env: { OPENAI_BASE_URL: `${gone.url}/v1` } })
    expect(demo.lines[1]).toMatch(/^Warning: 127\.0\.0\.1:\d+ cannot be reached/)
  })

  it('sends the key nowhere when the address it was meant for was lost', async () => {
    const file = join(folder, '.env')
    writeFileSync(file, 'OPENAI_API_KEY=sk-for-another\nOPENAI_BASE_URL="https://another.test/v1')
    const env: Record<string, string | undefined> = {}
    expect(readEnvFile(file, env)).toHaveLength(1)
    const demo = await start({ env })
    const { upstream, problem } = await info(demo)
    expect(upstream.kind).toBe('demonstration')
    expect(problem).toMatch(/^OPENAI_BASE_URL .+ could not be read, so the key is sent nowhere\./)
    expect(demo.lines.join('\n') + problem).not.toContain('sk-for')
  })

  it('names a key with quotes or white space, and does without one that cannot be sent', async () => {
    const demo = await start({ env: { OPENAI_API_KEY: '"sk-half and half"' } })
    const { upstream, problem } = await info(demo)
    expect(upstream.kind).toBe('demonstration')
    expect(problem).toMatch(/quotes around it.+white space.+Until then the demonstration model answers\./)
    expect(demo.lines.join('\n') + problem).not.toContain('half')
  })
})
