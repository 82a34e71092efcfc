import type {
  ChatCompletionRequest,
  ErrorResponse,
  Fixture,
  FixtureMatch,
  FixtureResponse,
} from '@copilotkit/aimock'
import type { Answer, AnswerError } from './answer.ts'
import { countPieces, JITTER, paceOf } from './pace.ts'
import { countPromptTokens, lastPrompt, normalizePrompt } from './prompts.ts'

function usageOf(answer: Answer, request: ChatCompletionRequest): { [count: string]: number } {
  const pace = paceOf(answer)
  const calls = (answer.toolCalls ?? []).map((call) => call.name + JSON.stringify(call.input)).join('')
  const input = countPromptTokens(request)
  const output = countPieces((answer.reasoning ?? '') + answer.text + calls, pace)
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
}

function toError(error: AnswerError): ErrorResponse {
  const { status, message, type, code, retryAfter } = error
  return { status, error: { message, type, code }, ...(retryAfter !== undefined && { retryAfter }) }
}

function toResponse(answer: Answer, request: ChatCompletionRequest): FixtureResponse {
  const response = {
    content: answer.text,
    usage: usageOf(answer, request),
    ...(answer.reasoning !== undefined && { reasoning: answer.reasoning }),
  }
  if (!answer.toolCalls) return response
  const toolCalls = answer.toolCalls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) }))
  return { ...response, toolCalls, finishReason: 'tool_calls' }
}

function respond(answer: Answer): (request: ChatCompletionRequest) => FixtureResponse {
  let asked = 0
  return (request) => {
    const { error } = answer
    const refused = error && (!error.everyOther || asked++ % 2 === 0)
    return refused ? toError(error) : toResponse(answer, request)
  }
}

/**
 * An answer as a fixture of the mock server. The fixture counts its requests (for `everyOther`), so make new
 * ones for every server.
 */
export function toFixture(answer: Answer, match: FixtureMatch = {}): Fixture {
  const pace = paceOf(answer)
  const wanted = normalizePrompt(answer.prompt)
  return {
    match: { predicate: (request) => normalizePrompt(lastPrompt(request)) === wanted, ...match },
    response: respond(answer),
    chunkSize: pace.unitsPerPiece,
    streamingProfile: { ttft: pace.firstPieceMs, tps: pace.piecesPerSecond, jitter: JITTER },
    // The first piece on the wire is the role, without text.
    ...(answer.breaksOff && { truncateAfterChunks: 1 + countPieces(answer.text, pace) }),
  }
}
