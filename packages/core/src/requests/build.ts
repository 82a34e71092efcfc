import type { Json } from '../dialects/json.ts'
import { defined } from './fit.ts'
import { readMessages } from './read-messages.ts'
import type { Turn } from './read-messages.ts'
import type { RequestMessage, RequestOptions } from './types.ts'

const isPlain = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the APIs have in common: the reading of the messages, and what is added to the body. */
export function build(
  write: (turns: readonly Turn[], options: RequestOptions) => Json,
  messages: readonly RequestMessage[],
  options: RequestOptions = {},
): Json {
  const { system, tools, toolChoice, extra } = options
  // No API takes a choice of no tools, and some no empty list of them.
  const own = tools?.length ? { tools, toolChoice } : { tools: undefined, toolChoice: undefined }
  const body = write(readMessages(messages, system), { ...options, ...own })
  for (const [name, value] of Object.entries(extra ?? {})) {
    const there = body[name]
    body[name] = isPlain(there) && isPlain(value) ? defined({ ...there, ...value }) : value
  }
  return defined(body)
}
