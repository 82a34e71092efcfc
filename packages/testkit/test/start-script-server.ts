import type { ScriptServerAddress } from '../src/index.ts'
import { startScriptServer } from '../src/node.ts'

/** Vitest's project, as far as it is needed. */
interface Project {
  provide(name: 'scriptServer', address: ScriptServerAddress): void
}

/** Runs a script server while the browser's tests run. */
export async function setup(project: Project): Promise<() => Promise<void>> {
  const { url, control, close } = await startScriptServer()
  project.provide('scriptServer', { url, control })
  // The page's own server forwards to it: test/same-origin.ts at the top.
  process.env['SCRIPT_SERVER_URL'] = url
  return close
}
