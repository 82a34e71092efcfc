import { createJsonParser as createParser } from './json-parser.ts'
import { sniffing } from './sniffing-parser.ts'
import type { CreateParser } from './types.ts'

export { createTextParser } from './text-parser.ts'

/** For JSON, and for event streams that their server calls so. */
export const createJsonParser: CreateParser = /* @__PURE__ */ sniffing(createParser)
