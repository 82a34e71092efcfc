// `pnpm start`: builds, then runs the demo in this very process, so that Ctrl-C has one process to end and one exit
// code: 0. Between `node … && node …` stands a shell that dies of the signal, which pnpm reports as a failure.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

// A group of its own, so that a stop ends the compilers that the build has started, too. Windows has no groups;
// there Ctrl-C reaches every process of the console by itself.
const hasGroups = process.platform !== 'win32'

const build = spawn(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url)), '--quiet'], {
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: hasGroups,
})
const built = once(build, 'exit')

function stop(signal) {
  // Once the demo listens for signals itself, closing is up to it.
  if (process.listenerCount(signal) > 1) return
  if (build.exitCode === null && build.signalCode === null) endBuild()
  process.exit(0)
}

function endBuild() {
  try {
    if (hasGroups) process.kill(-build.pid, 'SIGKILL')
    else build.kill()
  } catch {
    // It has ended by itself.
  }
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const [code] = await built
if (code !== 0) process.exit(code ?? 1)
await import('../apps/demo/dist/main.js')
