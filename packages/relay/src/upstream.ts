/** The provider that answers: any server with the paths of OpenAI, Anthropic, Cohere, Gemini or Ollama. */
export interface UpstreamOptions {
  /**
   * With its version, as in `OPENAI_BASE_URL`: `https://api.openai.com/v1`, `https://api.anthropic.com/v1`,
   * `https://api.cohere.com/v2`, `https://generativelanguage.googleapis.com/v1beta`, `http://localhost:11434/api`. A
   * query is kept (Azure).
   */
  baseUrl: string
  /** Sent as `Authorization: Bearer …`; leave it out for a server that needs none. */
  apiKey?: string | undefined
  /** Sent with every request, over everything else: `{ 'x-api-key': … }` (Anthropic), `{ 'x-goog-api-key': … }` (Gemini). */
  headers?: Readonly<Record<string, string>> | undefined
}

/** An upstream whose configuration has been checked. */
export interface Upstream {
  /** The address of one of its paths, such as `/chat/completions`. Parameters join those of the base URL. */
  url(path: string, query?: Readonly<Record<string, string>>): string
  /** What goes with every request to it. */
  readonly headers: Headers
  /** What must never be seen outside. */
  readonly secrets: readonly string[]
}

/** Names of headers and of an address's parameters whose values are secrets. */
const SECRET_NAME = /key|auth|token|secret|cookie|signature|^sig$|^code$/i

/** Checks an upstream's configuration. Throws a TypeError that names what is wrong and never holds a secret. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const base = parseBaseUrl(options.baseUrl)
  const headers = new Headers()
  const secrets: string[] = []
  for (const [name, value] of base.searchParams) {
    // As it is sent and as it is meant: an upstream may tell it either way.
    if (SECRET_NAME.test(name)) secrets.push(...new Set([value, encodeURIComponent(value)]))
  }
  const { apiKey } = options
  if (apiKey !== undefined && apiKey !== '') {
    if (!isSendableKey(apiKey)) {
      throw new TypeError(
        'upstream.apiKey holds white space, quotes or characters that no key has. Copy the key again, and nothing else.',
      )
    }
    headers.set('authorization', `Bearer ${apiKey}`)
    secrets.push(apiKey)
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    try {
      headers.set(name, value)
    } catch {
      // The platform's own message would hold the value.
      throw new TypeError(`upstream.headers: "${name}" is no valid header name or its value cannot be sent.`)
    }
    if (SECRET_NAME.test(name)) secrets.push(value.replace(/^Bearer\s+/i, ''))
  }
  return {
    url(path, query = {}) {
      const url = new URL(base)
      url.pathname = url.pathname.replace(/\/+$/, '') + path
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      return url.href
    },
    headers,
    secrets,
  }
}

/** Whether a key can be a header's value and looks like nothing was copied along with it. */
export function isSendableKey(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key) && !/^["'`]|["'`]$/.test(key)
}

function parseBaseUrl(baseUrl: string): URL {
  const example = 'Write it as in OPENAI_BASE_URL: "https://api.openai.com/v1".'
  let url: URL
  try {
    url = new URL(baseUrl)
  } catch {
    throw new TypeError(`upstream.baseUrl is no absolute URL. ${example}`)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TypeError(`upstream.baseUrl must begin with https:// or http://. ${example}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      'upstream.baseUrl holds a user name or password. Use upstream.apiKey or upstream.headers.',
    )
  }
  if (url.hash !== '') throw new TypeError(`upstream.baseUrl holds a fragment (#…). ${example}`)
  return url
}
