/**
 * Where answers are asked for, by the provider's own paths: OpenAI and all who follow it, Anthropic, Cohere, Gemini and
 * Ollama. The first segment is the API's version, which is part of `upstream.baseUrl`.
 */
export const GENERATE_PATHS: readonly string[] = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/messages',
  '/v2/chat',
  '/v1beta/models/:call{[\\w.-]+:(stream)?[gG]enerateContent}',
  '/api/chat',
  '/api/generate',
]

/** The same for people. */
export const KNOWN_PATHS: string = GENERATE_PATHS.map((path) =>
  path.replace(/:call.*/, '{model}:streamGenerateContent'),
).join(', ')

const KNOWN =
  /\/(?:v1\/(?:chat\/completions|completions|responses|messages|models)|v2\/chat|v1beta\/models\/[^/]+|api\/(?:chat|generate))$/

/** The path of the relay's own, wherever it is mounted, prefix stripped or not. */
export function pathBelowMount(request: Request): string {
  const { pathname } = new URL(request.url)
  const known = KNOWN.exec(pathname)?.index ?? pathname.lastIndexOf('/v1/')
  return pathname.slice(Math.max(0, known))
}

/** What follows the version, `/chat/completions` of `/v1/chat/completions`. */
export function pathBelowVersion(path: string): string {
  return path.slice(path.indexOf('/', 1))
}

/** Of the client's query only how Gemini shall frame its stream: a key in it is none of the upstream's business. */
export function queryToUpstream(url: string): Record<string, string> {
  return new URL(url).searchParams.get('alt') === 'sse' ? { alt: 'sse' } : {}
}
