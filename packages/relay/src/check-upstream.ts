import { causeCode } from './call-upstream.ts'
import { DeadlineError, withDeadline } from './deadline.ts'
import { mediaType } from './media-type.ts'
import { readBytes } from './read-bytes.ts'
import { createUpstream, type UpstreamOptions } from './upstream.ts'

/** Why an upstream cannot be used as it is set up. */
export type UpstreamCheckCode = 'missing-key' | 'not-an-api' | 'refused-key' | 'status' | 'unreachable'

/** What an upstream said when it was asked for its models. `message` is for people and never holds the key. */
export type UpstreamCheck =
  { ok: true; models: readonly string[] } | { ok: false; code: UpstreamCheckCode; message: string }

interface CheckOptions {
  /** Default the global `fetch`. */
  fetch?: typeof fetch
  /** For the answer, and again for the list in it. Default 5000. */
  timeoutMs?: number
  /** Stops asking; the check is then `unreachable`. */
  signal?: AbortSignal
}

const MAX_LIST_BYTES = 4 * 1024 * 1024

/**
 * Asks an upstream for its models, which shows whether it can be reached and takes the key. An upstream without such
 * a list (404, 405) is fine. Throws a TypeError for options that are wrong, and rejects for nothing else.
 */
export async function checkUpstream(
  options: UpstreamOptions,
  { fetch: send = globalThis.fetch, timeoutMs = 5000, signal }: CheckOptions = {},
): Promise<UpstreamCheck> {
  const upstream = createUpstream(options)
  const { host } = new URL(options.baseUrl)
  const fail = (code: UpstreamCheckCode, message: string): UpstreamCheck => ({ ok: false, code, message })
  const controller = new AbortController()
  try {
    const either = signal === undefined ? controller.signal : AbortSignal.any([controller.signal, signal])
    const init: RequestInit = { headers: upstream.headers, redirect: 'manual', signal: either }
    const sent = send(upstream.url('/models'), init)
    const response = await withDeadline(sent, timeoutMs)
    const { status } = response
    if (status === 401 || status === 403) {
      return options.apiKey
        ? fail('refused-key', `${host} refused the key (${status}). Check OPENAI_API_KEY.`)
        : fail('missing-key', `${host} asks for a key (${status}). Set OPENAI_API_KEY.`)
    }
    if (status === 404 || status === 405) return { ok: true, models: [] }
    if (!response.ok)
      return fail('status', `${host} answered ${status || 'with a redirect'} when asked for its models.`)
    if (mediaType(response.headers) === 'text/html') {
      return fail('not-an-api', `${host} answered with a web page. Check OPENAI_BASE_URL, with /v1.`)
    }
    const read = await readBytes(response.body, { maxBytes: MAX_LIST_BYTES, timeoutMs })
    return { ok: true, models: read.ok ? modelIds(new TextDecoder().decode(read.bytes)) : [] }
  } catch (error) {
    if (error instanceof DeadlineError)
      return fail('unreachable', `${host} did not answer within ${timeoutMs / 1000} s.`)
    const code = causeCode(error)
    return fail('unreachable', `${host} cannot be reached${code === undefined ? '' : ` (${code})`}.`)
  } finally {
    controller.abort()
  }
}

function modelIds(text: string): string[] {
  try {
    const list = (JSON.parse(text) as { data?: unknown } | null)?.data
    if (!Array.isArray(list)) return []
    return list
      .map((model: { id?: unknown } | null) => model?.id)
      .filter((id): id is string => typeof id === 'string')
  } catch {
    return []
  }
}
