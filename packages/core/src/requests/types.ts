import type { Message, Part } from '../types.ts'

/** A message to send: one of this package's, or as little as its role and what it says. */
export type RequestMessage =
  | Message
  | { readonly role: Message['role']; readonly content: string }
  | { readonly role: Message['role']; readonly parts: readonly Part[] }

/** A tool that the model may call. */
export interface RequestTool {
  readonly name: string
  readonly description?: string | undefined
  /** JSON Schema of the arguments, an object's. */
  readonly parameters: object
}

/** What a request has besides its messages. */
export interface RequestOptions {
  /** Also decides by its name what the model's API takes. Gemini has it in the URL, and it stays out of the body. */
  readonly model?: string | undefined
  /** Comes before the system messages. */
  readonly system?: string | undefined
  readonly tools?: readonly RequestTool[] | undefined
  /** Whether the model may, must not or must call a tool, or which one. Counts only with `tools`. */
  readonly toolChoice?: 'auto' | 'none' | 'required' | { readonly name: string } | undefined
  /** The most tokens of the answer. Anthropic wants it always; its default here is 8,192. */
  readonly maxTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly stop?: readonly string[] | undefined
  /** Default `true`. Of Gemini the URL says it. */
  readonly stream?: boolean | undefined
  /**
   * Whatever else the API knows, in its own words, merged last. Objects are merged with what is there, one level deep;
   * `undefined` takes away.
   */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** Builds the body of a request. */
export type BuildRequest = (
  messages: readonly RequestMessage[],
  options?: RequestOptions,
) => Record<string, unknown>
