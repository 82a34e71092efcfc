import type { Json } from '../dialects/json.ts'

/** A list of messages whose roles alternate, and that begins with the user. */
export interface Roles {
  readonly messages: Json[]
  add(role: string, blocks: readonly Json[]): void
}

export function createRoles(model: string, content: string, toText: (text: string) => Json): Roles {
  const messages: Json[] = []
  let last: { readonly role: string; readonly blocks: Json[] } | undefined
  return {
    messages,
    add(role, blocks) {
      if (blocks.length === 0) return
      if (last?.role !== role) {
        // A chat that the model opened, with a greeting for instance.
        if (!last && role === model) messages.push({ role: 'user', [content]: [toText('(Please begin.)')] })
        last = { role, blocks: [] }
        messages.push({ role, [content]: last.blocks })
      }
      for (const block of blocks) last.blocks.push(block)
    },
  }
}
