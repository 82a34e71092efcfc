/**
 * The stream of a `<stream-output>` failed; what came of the answer still shows. Bubbles, also out of shadow
 * trees.
 */
export class StreamErrorEvent extends Event {
  static readonly eventName = 'stream-error'
  /** A `StreamError` in nearly all cases: decide by its `code`. */
  readonly error: Error

  constructor(error: Error) {
    super(StreamErrorEvent.eventName, { bubbles: true, composed: true })
    this.error = error
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'stream-error': StreamErrorEvent
  }
}
