export { startScriptServer, type ScriptServer } from './script-server.ts'
export { createHeldBody, type HeldBody } from './upstream-body.ts'
export {
  startUpstream,
  type Upstream,
  type UpstreamEnd,
  type UpstreamReply,
  type UpstreamRequest,
} from './upstream.ts'
