export { createEventParser } from './event-parser.ts'
export { readEvents } from './read-events.ts'
export { createJsonParser } from './json-parser.ts'
export { readJsonLines } from './read-json-lines.ts'
export { recordStream } from './record-stream.ts'
export { replayStream } from './replay-stream.ts'
export { streamEvents } from './stream-events.ts'
export { streamMessage } from './stream-message.ts'
export { messageText } from './message.ts'
export { openaiChat } from './dialects/openai-chat.ts'
export { StreamError } from './errors.ts'
export type { RecordStreamOptions, RecordedStream } from './record-stream.ts'
export type { ReplayStreamOptions } from './replay-stream.ts'
export type { RecordedChunk, Recording } from './recording.ts'
export type { StreamErrorCode, StreamErrorDetails } from './errors.ts'
export type {
  Attempt,
  ByteSource,
  CreateParser,
  Dialect,
  DialectReader,
  EventParser,
  EventParserOptions,
  EventStream,
  Fetch,
  FinishReason,
  Message,
  MessageDelta,
  MessageStream,
  Part,
  ReadEventsOptions,
  RetryOptions,
  ServerSentEvent,
  StreamEventsInit,
  StreamInit,
  StreamMessageInit,
  StreamMetrics,
  StreamTimeout,
  TextPart,
  ToolPart,
  Usage,
} from './types.ts'
