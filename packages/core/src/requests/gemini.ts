import { asText } from '../dialects/json.ts'
import type { Json } from '../dialects/json.ts'
import type { FilePart, TextPart } from '../types.ts'
import { build } from './build.ts'
import { definedOrNone } from './fit.ts'
import { readDataUrl, readFile } from './read-file.ts'
import { metadataOf } from './read-messages.ts'
import type { Call, Step, Turn } from './read-messages.ts'
import { createRoles } from './roles.ts'
import type { BuildRequest, RequestOptions } from './types.ts'

/** Google's own word for a call whose signature nobody has: one of another model's. */
const NO_SIGNATURE = 'skip_thought_signature_validator'

function toPart(part: TextPart | FilePart): Json {
  if (part.type !== 'file') return { text: part.text }
  const { url, mediaType: mimeType, data } = readFile(part)
  return data === undefined
    ? { fileData: { mimeType: mimeType || undefined, fileUri: url } }
    : { inlineData: { mimeType, data } }
}

function toResponse({ name, output, isError }: Call): Json {
  const isObject = typeof output === 'object' && output && !Array.isArray(output)
  const response = isError ? { error: output } : isObject ? output : { result: output ?? null }
  return { functionResponse: { name, response } }
}

function write(turns: readonly Turn[], options: RequestOptions): Json {
  const { model = '', tools, toolChoice, maxTokens, temperature, topP, stop } = options
  const wantsSignature = !/gemini-[12]|gemma/i.test(model)
  const { messages: contents, add } = createRoles('model', 'parts', (text) => ({ text }))

  function addStep({ parts, calls }: Step): void {
    const blocks = parts.flatMap((part): Json[] => {
      const signature = asText(
        metadataOf(part.type === 'call' ? part.part : part, 'google')['thoughtSignature'],
      )
      const signed = signature ? { thoughtSignature: signature } : {}
      if (part.type === 'call') {
        if (part.isServerRun) return []
        // Of calls at the same time only the first is signed.
        const needed = wantsSignature && part === calls[0] ? { thoughtSignature: NO_SIGNATURE } : {}
        return [{ functionCall: { name: part.name, args: part.input }, ...needed, ...signed }]
      }
      // A signature may come alone, with an empty text.
      if (part.type === 'text') return part.text.trim() || signature ? [{ text: part.text, ...signed }] : []
      return part.type === 'file' && readDataUrl(asText(part.url)) ? [{ ...toPart(part), ...signed }] : []
    })
    add('model', blocks)
    add('user', calls.map(toResponse))
  }

  for (const turn of turns) {
    if (turn.role === 'assistant') addStep(turn)
    else if (turn.role === 'user') add('user', turn.parts.map(toPart))
  }
  const system = turns.flatMap((turn) => (turn.role === 'system' ? [{ text: turn.text }] : []))
  const mode = toolChoice === 'required' || typeof toolChoice === 'object' ? 'ANY' : toolChoice?.toUpperCase()
  return {
    systemInstruction: system.length > 0 ? { parts: system } : undefined,
    contents,
    tools: tools && [
      {
        functionDeclarations: tools.map(({ name, description, parameters }) =>
          // Its other word for them, parameters, knows only some of JSON Schema and refuses the rest.
          ({ name, description, parametersJsonSchema: parameters }),
        ),
      },
    ],
    toolConfig: mode && {
      functionCallingConfig: {
        mode,
        ...(typeof toolChoice === 'object' && { allowedFunctionNames: [toolChoice.name] }),
      },
    },
    generationConfig: definedOrNone({ maxOutputTokens: maxTokens, temperature, topP, stopSequences: stop }),
  }
}

/**
 * The body for Gemini's `streamGenerateContent`, which has the model in its URL. Calls have no ids there: they and
 * their results are told by name and order.
 *
 * @see https://ai.google.dev/api/generate-content
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const toGeminiRequest: BuildRequest = (messages, options) => build(write, messages, options)
