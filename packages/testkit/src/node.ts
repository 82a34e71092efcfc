export { createHeldBody, type HeldBody } from './upstream-body.ts'
export {
  startUpstream,
  type Upstream,
  type UpstreamEnd,
  type UpstreamReply,
  type UpstreamRequest,
} from './upstream.ts'
