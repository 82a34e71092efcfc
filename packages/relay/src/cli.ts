import { existsSync } from 'node:fs'
import { runCli } from './run-cli.ts'

const stop = new AbortController()
// Once: a second signal takes its usual effect and ends the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const warn = (line: string): void => console.error(line)
if (existsSync('.env')) {
  try {
    process.loadEnvFile('.env')
  } catch (error) {
    warn(`.env cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
process.exitCode = await runCli({
  args: process.argv.slice(2),
  env: process.env,
  print: (line) => console.log(line),
  warn,
  stop: stop.signal,
})
