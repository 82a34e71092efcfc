import { parseArgs } from 'node:util'
import { isLoopback } from './loopback.ts'

/** What the command line asks for. */
export type CliOptions =
  | { kind: 'help' }
  | { kind: 'wrong'; message: string }
  | { kind: 'serve'; port: number; hostname: string; origins: string[] }

/** What `--help` prints. */
export const HELP = `Usage: rivulet-relay [options]

A relay between browsers and an LLM provider, which keeps the key on this machine.

Options:
  --port N          port to listen on (default: PORT, else 8787; 0 is any free port)
  --host H          address to listen on (default: 127.0.0.1, this machine only)
  --origin URL      origin whose pages may use the relay, such as https://example.com; repeat it for more
  --allow-anyone    needed with a --host that others can reach: whoever reaches it uses your key
  --help            print this

Environment, also read from .env in this folder (the environment wins):
  OPENAI_API_KEY    the provider's key; leave it out for a server that needs none
  OPENAI_BASE_URL   the provider's address, with /v1 (default: https://api.openai.com/v1)
  PORT              as --port
`

/** Reads the command line; what is wrong with it is said in words. */
export function readCliOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CliOptions {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        origin: { type: 'string', multiple: true, default: [] },
        'allow-anyone': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) }
  }
  if (values.help) return { kind: 'help' }

  const [name, text] = values.port === undefined ? ['PORT', env['PORT'] || '8787'] : ['--port', values.port]
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(port <= 65535)) {
    return {
      kind: 'wrong',
      message: `${name} is ${JSON.stringify(text)}. Choose a whole number from 0 to 65535.`,
    }
  }
  const hostname = values.host.replace(/^\[(.*)\]$/, '$1')
  if (!isLoopback(hostname) && !values['allow-anyone']) {
    return {
      kind: 'wrong',
      message:
        `Others can reach ${hostname}, and the relay does not know who they are: all of them would use your key. ` +
        'Add --allow-anyone if that is what you want; otherwise leave --host out, or mount createRelay with an ' +
        'authorize function in a server of your own.',
    }
  }
  return { kind: 'serve', port, hostname, origins: values.origin }
}
