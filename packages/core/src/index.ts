export { createEventParser } from './event-parser.ts'
export { readEvents } from './read-events.ts'
export { createJsonParser, createTextParser } from './parsers.ts'
export { readJsonLines } from './read-json-lines.ts'
export { recordStream } from './record-stream.ts'
export { replayStream } from './replay-stream.ts'
export { streamEvents } from './stream-events.ts'
export { streamMessage } from './stream-message.ts'
export { messageText } from './message.ts'
export { extractThinking } from './extract-thinking.ts'
export { toRequest } from './to-request.ts'
export { toAnthropicMessagesRequest } from './requests/anthropic-messages.ts'
export { toGeminiRequest } from './requests/gemini.ts'
export { toOllamaRequest } from './requests/ollama.ts'
export { toOpenaiChatRequest } from './requests/openai-chat.ts'
export { toOpenaiResponsesRequest } from './requests/openai-responses.ts'
export { estimateCost } from './estimate-cost.ts'
export { openaiChat } from './dialects/openai-chat.ts'
export { StreamError } from './errors.ts'
export type { CostEstimate, Rates } from './estimate-cost.ts'
export type { ExtractThinkingOptions } from './extract-thinking.ts'
export type {
  BuildRequest,
  RequestDialect,
  RequestMessage,
  RequestOptions,
  RequestTool,
  ToRequestOptions,
} from './to-request.ts'
export type { RecordStreamOptions, RecordedStream } from './record-stream.ts'
export type { ReplayStreamOptions } from './replay-stream.ts'
export type { RecordedChunk, Recording } from './recording.ts'
export type { StreamErrorCode, StreamErrorDetails } from './errors.ts'
export type {
  Attempt,
  ByteSource,
  CreateParser,
  DataPart,
  DeltaTransform,
  DeltaWriter,
  Dialect,
  DialectReader,
  EventParser,
  EventParserOptions,
  EventStream,
  Fetch,
  FilePart,
  FinishReason,
  Message,
  MessageDelta,
  MessageStream,
  Part,
  ProviderMetadata,
  ReadEventsOptions,
  RetryOptions,
  ServerSentEvent,
  Source,
  SourcePart,
  StreamEventsInit,
  StreamInit,
  StreamMessageInit,
  StreamMetrics,
  StreamTimeout,
  TextPart,
  ToolPart,
  Usage,
} from './types.ts'
