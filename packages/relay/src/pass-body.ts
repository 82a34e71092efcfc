import type { Call } from './calls.ts'
import { DeadlineError, withDeadline } from './deadline.ts'

/** How a body ended: whole, left by the client or the relay's closing, broken off upstream, or too slow. */
export type PassEnd = 'answered' | 'aborted' | 'broken' | 'timeout'

/** How long each wait may take, in ms. */
export interface PassLimits {
  /** For the first bytes. */
  firstByteMs: number
  /** Between bytes, while the client waits for them. */
  idleMs: number
  /** For the client to take what is there. */
  unreadMs: number
}

/**
 * Passes an upstream's bytes on as they are. Nothing is read ahead of the client, so a slow client holds the upstream
 * back. An upstream that breaks off or falls silent makes the stream fail: it never looks like a good end. A client
 * that leaves ends the call to the upstream at once. `onEnd` is called once, with the bytes that were passed on.
 */
export function passBody(
  body: ReadableStream<Uint8Array>,
  call: Call,
  limits: PassLimits,
  onEnd: (end: PassEnd, bytes: number) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let bytes = 0
  let over = false
  let unread: ReturnType<typeof setTimeout> | undefined
  let onAbort: () => void = () => {}

  const finish = (end: PassEnd): boolean => {
    if (over) return false
    over = true
    clearTimeout(unread)
    call.signal.removeEventListener('abort', onAbort)
    if (end === 'answered') {
      call.end()
    } else {
      call.abort()
      reader.cancel().catch(() => {})
    }
    onEnd(end, bytes)
    return true
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onAbort = () => {
          if (finish('aborted')) controller.error(new Error('The stream was aborted'))
        }
        if (call.signal.aborted) onAbort()
        else call.signal.addEventListener('abort', onAbort, { once: true })
      },
      async pull(controller) {
        clearTimeout(unread)
        const fail = (end: PassEnd, message: string): void => {
          if (finish(end)) controller.error(new Error(message))
        }
        try {
          const { done, value } = await withDeadline(
            reader.read(),
            bytes === 0 ? limits.firstByteMs : limits.idleMs,
          )
          if (over) return
          if (done) {
            finish('answered')
            controller.close()
            return
          }
          bytes += value.byteLength
          controller.enqueue(value)
          unread = setTimeout(() => fail('timeout', 'The client did not take its bytes'), limits.unreadMs)
        } catch (error) {
          if (error instanceof DeadlineError) fail('timeout', 'The upstream fell silent')
          else fail('broken', 'The upstream broke off')
        }
      },
      cancel() {
        finish('aborted')
      },
    },
    { highWaterMark: 0 },
  )
}
