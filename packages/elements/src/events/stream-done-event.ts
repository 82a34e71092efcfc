import type { Message } from '@rivulet/core'

/** The answer of a `<stream-output>` is complete. Bubbles, also out of shadow trees. */
export class StreamDoneEvent extends Event {
  static readonly eventName = 'stream-done'
  readonly message: Message

  constructor(message: Message) {
    super(StreamDoneEvent.eventName, { bubbles: true, composed: true })
    this.message = message
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'stream-done': StreamDoneEvent
  }
}
