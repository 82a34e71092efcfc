import { readEnvFile } from './read-env-file.ts'
import { runCli } from './run-cli.ts'

const stop = new AbortController()
// Once: a second signal takes its usual effect and ends the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const warn = (line: string): void => console.error(line)
for (const problem of readEnvFile('.env')) warn(problem)
process.exitCode = await runCli({
  args: process.argv.slice(2),
  env: process.env,
  print: (line) => console.log(line),
  warn,
  stop: stop.signal,
})
