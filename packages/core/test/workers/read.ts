import {
  StreamError,
  createJsonParser,
  messageText,
  readEvents,
  streamEvents,
  streamMessage,
} from '../../src/index.ts'
import type { StreamEventsInit } from '../../src/index.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages.ts'
import { serveTasks } from './serve-tasks.ts'

const body = { prompt: 'Why?' }
const isLast: StreamEventsInit['isLast'] = ({ data }) => data === '[DONE]'

serveTasks({
  async surroundings() {
    return [globalThis.constructor.name, 'window' in globalThis, 'document' in globalThis]
  },

  async readEvents(url, tell) {
    const types: string[] = []
    for await (const { type, data } of readEvents((await fetch(url)).body)) {
      types.push(type)
      tell(data)
    }
    return types
  },

  async streamEvents(url, tell) {
    const stream = streamEvents(url, { body, isLast, retry: { baseMs: 1 } })
    for await (const { data } of stream) tell(data)
    return stream.metrics.attempts
  },

  async streamMessage(url, tell) {
    const stream = streamMessage(url, { body })
    try {
      for await (const delta of stream) if (delta.type === 'text-delta') tell(delta.delta)
    } catch (error) {
      return (error as Error).message
    }
    const message = await stream.finished
    return [messageText(message), message.status]
  },

  async bound(url, tell) {
    const stream = streamMessage(url, { body, dialects: [anthropicMessages] })
    for await (const delta of stream) if (delta.type === 'text-delta') tell(delta.delta)
    const message = await stream.finished
    return [messageText(message), message.status, message.finishReason]
  },

  async leave(url) {
    for await (const { data } of streamEvents(url, { body })) return data
    return undefined
  },

  async abort(url, tell) {
    const controller = new AbortController()
    const reason = new Error('enough')
    try {
      for await (const { data } of streamEvents(url, { body, signal: controller.signal })) {
        tell(data)
        controller.abort(reason)
      }
    } catch (error) {
      return error === reason
    }
    return false
  },

  async timeout(url) {
    const stream = streamMessage(url, { body, timeout: { firstEvent: 20 } })
    return stream.finished.catch((error: StreamError) => [error instanceof StreamError, error.code])
  },

  async json(url, tell) {
    for await (const { data } of streamEvents(url, { body, parser: createJsonParser })) tell(data)
    return 'read'
  },
})
