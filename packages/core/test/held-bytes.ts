/** What a parser of an event stream has to hold while the bytes go by. */
export interface HeldBytes {
  push(chunk: Uint8Array): void
  /** The bytes of the data so far, and of the line in progress, of the event in progress. */
  readonly held: number
  /** Events that were dispatched before `held` exceeded the limit for the first time. */
  readonly events: number
  /** `held` has exceeded the limit. */
  readonly limited: boolean
}

const LF = 10
const CR = 13
const DATA = new TextEncoder().encode('data')

/** The model that `maxEventBytes` is held to: bytes counted one by one. For valid UTF-8 without a BOM. */
export function createHeldBytes(maxEventBytes: number): HeldBytes {
  let line: number[] = []
  /** -1 until there was a data line. */
  let data = -1
  let afterCR = false
  let events = 0
  let limited = false
  const held = (): number => line.length + Math.max(0, data)

  function endLine(): void {
    const colon = line.indexOf(58)
    const name = colon < 0 ? line : line.slice(0, colon)
    if (line.length === 0) {
      if (data >= 0 && !limited) events++
      data = -1
    } else if (name.length === 4 && name.every((byte, at) => byte === DATA[at])) {
      const value = colon < 0 ? 0 : line.length - colon - (line[colon + 1] === 32 ? 2 : 1)
      data += value + 1
    }
    line = []
  }

  return {
    push(chunk) {
      for (const byte of chunk) {
        if (byte === CR || (byte === LF && !afterCR)) endLine()
        else if (byte !== LF) line.push(byte)
        afterCR = byte === CR
        if (held() > maxEventBytes) limited = true
      }
    },
    get held() {
      return held()
    },
    get events() {
      return events
    },
    get limited() {
      return limited
    },
  }
}
