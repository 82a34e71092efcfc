import { isSendableKey, type UpstreamOptions } from './upstream.ts'

/** The upstream that an environment names. */
export interface UpstreamFromEnv {
  /** Whether the environment names one at all. */
  readonly given: boolean
  /** What to give {@link createRelay}; undefined when none is named or what is named cannot be used. */
  readonly upstream: UpstreamOptions | undefined
  /** What is wrong or odd, in words for the person who set it; never holds the key. */
  readonly problems: readonly string[]
}

/** What stands for an `OPENAI_BASE_URL` that a file names but that could not be read. */
export const UNREADABLE_BASE_URL = 'unreadable'

const OPENAI = 'https://api.openai.com/v1'

/**
 * Reads `OPENAI_BASE_URL` (default OpenAI's own when only a key is set) and `OPENAI_API_KEY`, as the official SDKs do.
 *
 * White space or quotes around either are left off and named. A key with white space inside, or an address that is
 * none, makes the upstream unusable: it is not sent.
 */
export function upstreamFromEnv(env: Readonly<Record<string, string | undefined>>): UpstreamFromEnv {
  const problems: string[] = []
  const apiKey = readValue('OPENAI_API_KEY', env['OPENAI_API_KEY'], problems)
  const address = readValue('OPENAI_BASE_URL', env['OPENAI_BASE_URL'], problems)
  const given = apiKey !== undefined || address !== undefined
  if (!given) return { given, upstream: undefined, problems }

  if (apiKey !== undefined && !isSendableKey(apiKey)) {
    problems.push(
      'OPENAI_API_KEY has white space, quotes or characters inside that no key has, so it is not sent. Copy it again.',
    )
    return { given, upstream: undefined, problems }
  }
  const baseUrl = address === undefined ? OPENAI : readBaseUrl(address, problems)
  if (baseUrl === undefined) return { given, upstream: undefined, problems }
  if (apiKey !== undefined && isOpenNetwork(new URL(baseUrl))) {
    problems.push('OPENAI_BASE_URL begins with http://, so anyone on the way can read the key. Use https://.')
  }
  return { given, upstream: { baseUrl, ...(apiKey !== undefined && { apiKey }) }, problems }
}

function readValue(name: string, raw: string | undefined, problems: string[]): string | undefined {
  if (raw === undefined || raw === '') return undefined
  let value = raw.trim()
  if (value !== raw)
    problems.push(`${name} has white space around it, which is left off. Correct it where it is set.`)
  const unquoted = value.replace(/^["'`“”‘’]+|["'`“”‘’]+$/g, '').trim()
  if (unquoted !== value) {
    problems.push(`${name} has quotes around it, which are left off. Correct it where it is set.`)
    value = unquoted
  }
  return value === '' ? undefined : value
}

function readBaseUrl(address: string, problems: string[]): string | undefined {
  if (address === UNREADABLE_BASE_URL) {
    problems.push(
      'OPENAI_BASE_URL is in the .env file but could not be read, so the key is sent nowhere. Correct it there.',
    )
    return undefined
  }
  // URL leaves line breaks out without a word; one inside comes of a quote that is not closed.
  const url = /\s/.test(address) ? undefined : URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    problems.push(`OPENAI_BASE_URL is no http(s) address. Write it like ${OPENAI}.`)
    return undefined
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    problems.push('OPENAI_BASE_URL must hold no user name, password or #. Put the key into OPENAI_API_KEY.')
    return undefined
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '')
  if (path !== url.pathname.replace(/\/+$/, '')) {
    problems.push('OPENAI_BASE_URL ends in /chat/completions, which is left off. End it with /v1.')
  }
  if (!/\/v\d/.test(path)) {
    problems.push(`OPENAI_BASE_URL has no version in it. Most servers want ${url.origin}${path}/v1.`)
  }
  url.pathname = path
  return url.href.replace(/\/+$/, '')
}

/** Whether plain http to this host leaves the machine or the local network, as far as its name tells. */
function isOpenNetwork({ protocol, hostname }: URL): boolean {
  if (protocol !== 'http:') return false
  const isLocal =
    /^(localhost|\[.*\]|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|[^.]+|.*\.(local|internal|localhost))$/
  return !isLocal.test(hostname)
}
