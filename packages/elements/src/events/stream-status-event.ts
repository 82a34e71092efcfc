import type { StreamStatus } from '@rivulet/store'

/** The stream of a `<stream-output>` went from one status to another. Bubbles, also out of shadow trees. */
export class StreamStatusEvent extends Event {
  static readonly eventName = 'stream-status'
  readonly status: StreamStatus
  readonly previous: StreamStatus

  constructor(status: StreamStatus, previous: StreamStatus) {
    super(StreamStatusEvent.eventName, { bubbles: true, composed: true })
    this.status = status
    this.previous = previous
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'stream-status': StreamStatusEvent
  }
}
