export { bytesOf, cut, everySplit, streamOf } from './feeds.ts'
export { checkFixture, isOptional } from './check-fixture.ts'
export type {
  CheckFixtureOptions,
  Difference,
  ExpectedAnswer,
  Fixture,
  ReadMessage,
  StreamMessage,
} from './check-fixture.ts'
export type { Feed } from './feeds.ts'
export { createScriptedFetch } from './scripted-fetch.ts'
export type { ScriptedFetch, ScriptedReply, ScriptedRequest } from './scripted-fetch.ts'
export { chatChunk, chatEvent, chatEvents } from './chat.ts'
export { connectScriptServer } from './script-client.ts'
export type { PlayedScript, ScriptClient } from './script-client.ts'
export type {
  CorsPolicy,
  ScriptServerAddress,
  ScriptStop,
  SeenRequest,
  ServerReply,
  ServerScript,
} from './server-script.ts'
