import { join } from 'node:path'
import { createRelay, type Relay } from '@rivulet/relay'
import { chooseUpstream, type ChosenUpstream } from './choose-upstream.ts'
import type { DemoConfig } from './config.ts'
import { createDemoApp } from './demo-app.ts'
import type { DemoInfo } from './demo-info.ts'
import { expectBuilt, PAGE_FOLDER, SCRIPT_FOLDER } from './folders.ts'
import { serveLoopback } from './serve-loopback.ts'
import { ANSWERS } from './upstream/answers/index.ts'

/** What {@link startDemo} goes by. */
export interface DemoOptions extends DemoConfig {
  /** Where `OPENAI_BASE_URL` and `OPENAI_API_KEY` are read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Called with one line for people: first where the page is, then any warnings. */
  readonly log: (line: string) => void
  /** Where the built files are. Default: where the build puts them. */
  readonly pageFolder?: string
  readonly scriptFolder?: string
}

/** A running demo. */
export interface Demo {
  readonly url: string
  /** End the server, the streams that run through it, and the embedded upstream. */
  close(): Promise<void>
}

function describe(upstream: ChosenUpstream): DemoInfo {
  const { kind, name, model, models, problems } = upstream
  const suggestions = ANSWERS.map(({ prompt, shows, group = 'answer' }) => ({ prompt, shows, group }))
  return {
    upstream: { kind, name },
    model: model ?? null,
    models,
    // Trouble on purpose is the embedded upstream's; another would only wonder at the prompts.
    suggestions: suggestions.filter(({ group }) => kind === 'demonstration' || group === 'answer'),
    problem: problems.length > 0 ? problems.join(' ') : null,
  }
}

function createDemoRelay(upstream: ChosenUpstream, origins: readonly string[]): Relay {
  try {
    // Anyone who reaches this server may ask: it listens on the loopback interface only.
    return createRelay({ upstream: upstream.options, authorize: false, origins })
  } catch (error) {
    if (error instanceof TypeError) {
      const message = error.message.replace(/^origins:/, 'RIVULET_ORIGINS:')
      throw new Error(message, { cause: error })
    }
    throw error
  }
}

/**
 * Start everything on one loopback port: the relay, the page and, when the environment names no other, the
 * embedded upstream. Rejects with an Error in words for a port that is taken or a build that is missing.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { env, port, origins, model, log, pageFolder = PAGE_FOLDER, scriptFolder = SCRIPT_FOLDER } = options
  expectBuilt(join(pageFolder, 'index.html'))
  expectBuilt(join(scriptFolder, 'rivulet.js'))

  const upstream = await chooseUpstream({ env, model })
  let relay: Relay | undefined
  try {
    relay = createDemoRelay(upstream, origins)
    const info = describe(upstream)
    const app = createDemoApp({ relay, info, pageFolder, scriptFolder })
    const server = await serveLoopback(app, port)

    const url = `http://localhost:${server.port}/`
    const asked = upstream.kind === 'demonstration' ? 'a demonstration model' : upstream.name
    const named = upstream.model === undefined ? '' : ` (${upstream.model})`
    log(`Rivulet is at ${url} and asks ${asked}${named}. Ctrl-C ends it.`)
    for (const problem of upstream.problems) log(`Warning: ${problem}`)

    const started = relay
    async function closeAll(): Promise<void> {
      await Promise.all([started.close(), server.close()])
      await upstream.close()
    }
    let closed: Promise<void> | undefined
    return { url, close: () => (closed ??= closeAll()) }
  } catch (error) {
    await relay?.close()
    await upstream.close()
    throw error
  }
}
