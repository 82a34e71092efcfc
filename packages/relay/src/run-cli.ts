import { checkUpstream } from './check-upstream.ts'
import { HELP, readCliOptions } from './cli-options.ts'
import { serve } from './node.ts'
import { createRelay } from './relay.ts'
import { upstreamFromEnv } from './upstream-from-env.ts'

/** What a run of the command is given; tests give their own. */
export interface CliContext {
  args: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** Prints one line for whoever started it. */
  print: (line: string) => void
  /** Prints one line of warning or error. */
  warn: (line: string) => void
  /** Aborts when the relay shall stop. */
  stop: AbortSignal
}

/** Runs `rivulet-relay` until it is stopped; resolves with the exit code: 0, 1 cannot run, 2 wrong use. */
export async function runCli({ args, env, print, warn, stop }: CliContext): Promise<number> {
  const options = readCliOptions(args, env)
  if (options.kind === 'help') {
    print(HELP)
    return 0
  }
  if (options.kind === 'wrong') {
    warn(`${options.message}\nSee rivulet-relay --help.`)
    return 2
  }
  const { upstream, problems } = upstreamFromEnv(env)
  for (const problem of problems) warn(problem)
  if (upstream === undefined) {
    if (problems.length === 0)
      warn('No upstream is set. Set OPENAI_API_KEY, OPENAI_BASE_URL or both, here or in .env.')
    return 1
  }
  const { hostname, port, origins } = options
  try {
    const relay = createRelay({ upstream, authorize: false, origins })
    const server = await serve(relay, { hostname, port })
    print(`Relay to ${new URL(upstream.baseUrl).host}: ${server.url}/v1`)
    void checkUpstream(upstream, { signal: stop }).then((check) => {
      if (!check.ok && !stop.aborted) warn(check.message)
    })
    await aborted(stop)
    await relay.close()
    await server.close()
    return 0
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error))
    return error instanceof TypeError ? 2 : 1
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
