import { createStream, type StreamStatus, type StreamStore } from '@rivulet/store'

/** What is asked: the prompt and the model, when one is known. */
interface Question {
  readonly prompt: string
  readonly model: string | undefined
}

/** The one stream of the page. */
export interface Questions {
  readonly stream: StreamStore<Question>
  /** Ask; an answer that is still running is given up. */
  ask(question: Question): void
  stop(): void
  isRunning(status: StreamStatus): boolean
}

const RUNNING: ReadonlySet<StreamStatus> = new Set(['connecting', 'streaming', 'reconnecting'])

/** Create the stream of the page, against the relay on this origin. */
export function createQuestions(): Questions {
  const stream = createStream<Question>({
    url: '/v1/chat/completions',
    request: ({ prompt, model }) => ({
      model,
      messages: [{ role: 'user', content: prompt }],
      stream: true,
      stream_options: { include_usage: true },
    }),
  })
  return {
    stream,
    ask: (question) => void stream.send(question),
    stop: () => stream.stop(),
    isRunning: (status) => RUNNING.has(status),
  }
}
