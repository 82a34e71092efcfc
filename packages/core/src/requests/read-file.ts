import { asText } from '../dialects/json.ts'
import type { FilePart } from '../types.ts'

/** A file's address, and if it is a `data:` URL what is in it, as base64. */
export interface ReadFile {
  readonly url: string
  readonly mediaType: string
  /** The first half of the media type. */
  readonly kind: string
  readonly data: string | undefined
}

/** What a `data:` URL in base64 holds, with its media type. */
export function readDataUrl(url: string): { mediaType: string; data: string } | undefined {
  const comma = url.indexOf(',')
  const head = url.slice(0, Math.max(comma, 0))
  const data = url.slice(comma + 1)
  // An API would say no more of bad base64 than that something is wrong with the request.
  if (!/^data:/i.test(head) || !/;base64$/i.test(head) || /[^a-z\d+/=]/i.test(data)) return undefined
  return { mediaType: head.slice(5).split(';', 1)[0] ?? '', data }
}

export function readFile(part: FilePart): ReadFile {
  const url = asText(part.url)
  const read = readDataUrl(url)
  if (!read && !/^(https?|gs):/i.test(url)) {
    throw new TypeError(
      `A file's url must be https:, or data: in base64; ${JSON.stringify(url.slice(0, 40))} is neither. ` +
        'Read the file with FileReader.readAsDataURL() first.',
    )
  }
  // What a data: URL says of itself is exact; a part may say `image/*`.
  const mediaType = read?.mediaType || asText(part.mediaType)
  return { url, mediaType, kind: mediaType.split('/', 1)[0] ?? '', data: read?.data }
}

/** The error for a file that an API does not take. */
export const refuseFile = (dialect: string, { mediaType, data }: ReadFile, takes: string): TypeError =>
  new TypeError(
    `${dialect} takes ${takes}, not ${mediaType || 'a file without a mediaType'}` +
      `${data === undefined ? ' at a URL' : ' in a data: URL'}. Leave the file out, or say what is in it.`,
  )
