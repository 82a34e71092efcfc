import { connectScriptServer } from '@rivulet/testkit'
import type { PlayedScript, ScriptClient, ScriptServerAddress } from '@rivulet/testkit'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    scriptServer: ScriptServerAddress
  }
}

/** The server beside the browser's tests. Its scripts are of another origin than the page. */
export const scriptServer: ScriptClient = connectScriptServer(inject('scriptServer'))

/** The same script at an address of the page's own origin. */
export const sameOriginUrl = ({ path }: PlayedScript): string => `${location.origin}/script-server${path}`
