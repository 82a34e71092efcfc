export { createEventParser } from './event-parser.ts'
export { readEvents } from './read-events.ts'
export { streamMessage } from './stream-message.ts'
export { messageText } from './message.ts'
export { openaiChat } from './dialects/openai-chat.ts'
export { StreamError } from './errors.ts'
export type { StreamErrorCode, StreamErrorDetails } from './errors.ts'
export type {
  ByteSource,
  Dialect,
  DialectReader,
  EventParser,
  EventParserOptions,
  Fetch,
  FinishReason,
  Message,
  MessageDelta,
  MessageStream,
  Part,
  ReadEventsOptions,
  ServerSentEvent,
  StreamMessageInit,
  StreamMetrics,
  StreamTimeout,
  TextPart,
  ToolPart,
  Usage,
} from './types.ts'
