import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The start command's server in a process of its own. */
export interface StartedServer {
  readonly url: string
  /** Everything it has printed so far. */
  readonly lines: readonly string[]
  readonly process: ChildProcess
  /** Send Ctrl-C and wait for the end; resolves with the exit code. */
  interrupt(): Promise<number | null>
}

/** Start what `pnpm start` starts, on a free port unless `env` says otherwise, and wait for its URL. */
export async function startServer(env: Record<string, string> = {}): Promise<StartedServer> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing. Build first: npx -y pnpm@10 build`)
  // Empty variables keep a .env of the developer's own out of the test.
  const clean = { OPENAI_API_KEY: '', OPENAI_BASE_URL: '', OPENAI_MODEL: '', RIVULET_ORIGINS: '', PORT: '0' }
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line)
        const found = /http:\/\/localhost:\d+\//.exec(line)?.[0]
        if (found) resolve(found)
      })
    }
    void exited.then(([code]) => reject(new Error(`The server ended with ${code}: ${lines.join('\n')}`)))
  })
  return {
    url,
    lines,
    process: child,
    async interrupt() {
      child.kill('SIGINT')
      await exited
      return child.exitCode
    },
  }
}
