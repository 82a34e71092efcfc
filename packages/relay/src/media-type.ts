/** The media type of a `Content-Type`, lower case and without parameters; empty when there is none. */
export function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** Whether a media type is JSON: `application/json` or any `+json`. */
export function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}
