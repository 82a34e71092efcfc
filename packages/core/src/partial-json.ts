/** JSON text that is still coming, and what it says so far. */
export interface PartialJson {
  /** Takes the next piece of the text, cut anywhere. Never throws: what follows an error in the text is ignored. */
  push(text: string): void
  /**
   * The value so far, `undefined` before there is one. What was given out does not change later, and what did not
   * change since is the same object. {@link createPartialJson} says what is in it.
   */
  readonly value: unknown
}

/** An open array or object, and where in it the next value goes. */
interface Frame {
  container: Record<string | number, unknown>
  key: string | number
  /** How many entries there are before that one. */
  count: number
  readonly outer?: Frame
}

/** What may come next, as the characters themselves. */
const VALUE = '"{[-0123456789tfn'

/** What a string holds up to its end or its next escape. A bare control character is an error. */
// oxlint-disable-next-line no-control-regex
const RUN = /[^"\\\x00-\x1f]*/y

/**
 * How many entries of arrays may be copied for each character of text; of objects an eighth, as they are slower.
 * It keeps a read after every delta linear in the text: an array of a thousand is at most 63 characters behind.
 */
const COPIES_PER_CHARACTER = 16

function set({ container, key }: Frame, value: unknown): void {
  if (key === '__proto__') {
    // An own property, as JSON.parse makes it; an assignment would set the prototype.
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
  } else container[key] = value
}

/**
 * Reads JSON while it comes: `{"city":"Par` is `{ city: 'Par' }`. Once the text is whole, `value` equals
 * `JSON.parse(text)`.
 *
 * Only strings, arrays and objects are shown in part, since what is shown of them stays true. A half literal, key,
 * escape or surrogate pair is left out, and so is a number until something follows it: `12` may become `120`, and a
 * wrong number looks like a right one. (Nothing need follow a number that is the whole text; it is shown as it grows.)
 * After an error in the text, the value stays as it was.
 *
 * Reading `value` makes a copy of the containers that are open, at most one for each change. The copies of wide
 * containers are rationed: there `value` may lag behind until the text is whole.
 *
 * @example
 * const json = createPartialJson()
 * json.push('{"city":"Par')
 * json.value // { city: 'Par' }
 */
export function createPartialJson(): PartialJson {
  /** Stands around the text: its one entry is the value. */
  const root: Frame = { container: {}, key: 0, count: 0 }
  let frame = root
  let expected = VALUE
  /** The string that is open, and its last high surrogate, which waits for its other half. */
  let text: string | undefined
  let half = ''
  let isKey = false
  /** The number, literal or escape that is not whole yet. */
  let token = ''
  /** The open containers have been given out, and must be copied before they change. */
  let shared = false
  let copies = 100_000
  let failed = false
  let last: unknown

  function put(value: unknown): void {
    if (frame.container[frame.key] === value) return
    if (shared) {
      let inner: Frame | undefined
      for (let each: Frame | undefined = frame; each; each = each.outer) {
        const { container, count } = each
        const isArray = Array.isArray(container)
        each.container = isArray ? (container.slice() as never) : { ...container }
        copies -= 1 + count * (isArray ? 1 : 8)
        if (inner) set(each, inner.container)
        inner = each
      }
      shared = false
    }
    set(frame, value)
  }

  function open(container: object, next: string): void {
    put(container)
    frame = { container: container as Frame['container'], key: 0, count: 0, outer: frame }
    expected = next
  }

  /** What follows a value that is whole. */
  function close(): void {
    expected = !frame.outer ? '' : Array.isArray(frame.container) ? ',]' : ',}'
  }

  function closeToken(): void {
    put(JSON.parse(token))
    token = ''
    close()
  }

  function grow(run: string): void {
    run = half + run
    half = /[\ud800-\udbff]$/.test(run) ? run.slice(-1) : ''
    text += half ? run.slice(0, -1) : run
  }

  function readString(char: string): void {
    if (token) {
      token += char
      if (token.length < (token[1] === 'u' ? 6 : 2)) return
      grow(JSON.parse(`"${token}"`))
      token = ''
    } else if (char === '\\') token = char
    else if (char === '"') {
      const whole = text + half
      text = undefined
      half = ''
      if (isKey) {
        frame.key = whole
        expected = ':'
      } else {
        put(whole)
        close()
      }
    } else throw SyntaxError()
  }

  function readOther(char: string): void {
    if (token) {
      if (/[-+.\w]/.test(char)) {
        token += char
        // Nothing can be added to a literal.
        if (['true', 'false', 'null'].includes(token)) closeToken()
        return
      }
      closeToken()
    }
    if (/[ \t\n\r]/.test(char)) return
    if (!expected.includes(char)) throw SyntaxError()
    if (char === '"') {
      text = ''
      isKey = !expected.includes('{')
    } else if (char === '{') open({}, '"}')
    else if (char === '[') open([], `${VALUE}]`)
    else if (char === ':') expected = VALUE
    else if (char === ',') {
      expected = Array.isArray(frame.container) ? VALUE : '"'
      frame.key = ++frame.count
    } else if (char === ']' || char === '}') {
      frame = frame.outer as Frame
      close()
    } else token = char
  }

  return {
    push(chunk) {
      copies += chunk.length * COPIES_PER_CHARACTER
      try {
        for (let at = 0; at < chunk.length && !failed; at++) {
          if (text !== undefined && !token) {
            RUN.lastIndex = at
            const [run] = RUN.exec(chunk) as unknown as [string]
            grow(run)
            at += run.length
          }
          const read = text === undefined ? readOther : readString
          if (at < chunk.length) read(chunk.charAt(at))
        }
      } catch {
        failed = true
      }
    },
    get value() {
      if (copies < 0 && expected && !failed) return last
      if (text !== undefined) {
        if (!isKey) put(text)
      } else if (token && frame === root) {
        copies -= token.length
        try {
          put(JSON.parse(token))
        } catch {
          // `-` or `1.`: not a number yet.
        }
      }
      shared = true
      return (last = root.container[0])
    },
  }
}
