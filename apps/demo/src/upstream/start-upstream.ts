import { setMaxListeners } from 'node:events'
import { LLMock } from '@copilotkit/aimock'
import { CATCH_ALL } from './answers/catch-all.ts'
import { ANSWERS } from './answers/index.ts'
import { toFixture } from './fixtures.ts'

/** The one model the embedded upstream lists. */
export const DEMO_MODEL = 'rivulet-demo'

const MORE_THAN_PIECES = 1000

/** A running embedded upstream. */
export interface EmbeddedUpstream {
  /** Its address as an OpenAI client wants it, with `/v1`. */
  readonly baseUrl: string
  /** Stop listening; resolves when the last connection is gone. */
  close(): Promise<void>
}

/**
 * Start the demonstration model: `@copilotkit/aimock` with our answers, on a free loopback port.
 *
 * Any prompt without an answer of its own gets the catch-all, whatever model it names.
 */
export async function startUpstream(): Promise<EmbeddedUpstream> {
  // For an answer that breaks off the mock adds an abort listener for every piece and removes none, which
  // Node reports on the terminal as a leak from the eleventh on. They go with the request.
  setMaxListeners(MORE_THAN_PIECES)
  const mock = new LLMock({ host: '127.0.0.1', port: 0, logLevel: 'silent', journalMaxEntries: 1 })
  const other = { prompt: '', shows: '', text: CATCH_ALL }
  mock.addFixtures([
    ...ANSWERS.map((answer) => toFixture(answer)),
    // The mock lists the models that its fixtures name, so one of them has to.
    toFixture(other, { predicate: () => true, model: DEMO_MODEL }),
    toFixture(other, { predicate: () => true }),
  ])
  const url = await mock.start()
  return { baseUrl: `${url}/v1`, close: () => mock.stop() }
}
