import { StreamError } from '@rivulet/core'
import type { MessageDelta } from '@rivulet/core'
import { chatChunk, chatEvent, chatEvents, createScriptedFetch } from '@rivulet/testkit'
import type { ScriptedFetch, ScriptedReply } from '@rivulet/testkit'
import { describe, expect, it, vi } from 'vitest'
import { createStream } from './create-stream.ts'
import type { Schedule } from './schedule.ts'
import type { StreamStatus, StreamStore } from './types.ts'

const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 1 })

/** Frames that the test paints itself. */
function frames(): { schedule: Schedule; paint(): void; readonly waiting: number } {
  const flushes = new Set<() => void>()
  return {
    schedule(flush) {
      flushes.add(flush)
      return () => void flushes.delete(flush)
    },
    paint() {
      const due = [...flushes]
      flushes.clear()
      for (const flush of due) flush()
    },
    get waiting() {
      return flushes.size
    },
  }
}

interface Setup {
  readonly fetch: ScriptedFetch
  readonly frame: ReturnType<typeof frames>
  readonly stream: StreamStore
  readonly texts: string[]
  readonly statuses: StreamStatus[]
  readonly deltas: MessageDelta[]
  /** Waits until the store has something to paint. */
  due(): Promise<void>
  /** Paints whatever comes until the status is this. */
  until(status: StreamStatus): Promise<void>
}

const URL_ = 'https://api.example/v1/chat/completions'

function setUp(...replies: ScriptedReply[]): Setup {
  const fetch = createScriptedFetch(...replies)
  const frame = frames()
  const stream = createStream({ url: URL_, model: 'm', fetch, schedule: frame.schedule })
  const texts: string[] = []
  const statuses: StreamStatus[] = []
  const deltas: MessageDelta[] = []
  stream.$text.listen((text) => void texts.push(text))
  stream.$status.listen((status) => void statuses.push(status))
  stream.onDelta((delta) => void deltas.push(delta))
  const due = (): Promise<void> => eventually(() => expect(frame.waiting).toBeGreaterThan(0))
  const until = (status: StreamStatus): Promise<void> =>
    eventually(() => {
      frame.paint()
      expect(stream.$status.get()).toBe(status)
    })
  return { fetch, frame, stream, texts, statuses, deltas, due, until }
}

const open = (...pieces: string[]): ScriptedReply => ({
  body: chatEvents(...pieces).slice(0, -2),
  hang: true,
})
const whole = (...pieces: string[]): ScriptedReply => ({ body: chatEvents(...pieces) })

describe('createStream', () => {
  it('is idle and empty at first', () => {
    const { stream } = setUp()
    expect(stream.$status.get()).toBe('idle')
    expect(stream.$text.get()).toBe('')
    expect(stream.$message.get()).toBeUndefined()
    expect(stream.$error.get()).toBeUndefined()
    expect(stream.$metrics.get()).toBeUndefined()
  })

  it('sends the prompt as a chat request', async () => {
    const { stream, fetch, until } = setUp(whole(), whole())
    const messages = [{ role: 'user' as const, content: 'b' }]
    void stream.send('a')
    await until('done')
    void stream.send(messages)
    await eventually(() => expect(fetch.requests).toHaveLength(2))
    expect(JSON.parse(String(fetch.requests[0]?.body))).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'a' }],
      stream: true,
    })
    expect(JSON.parse(String(fetch.requests[1]?.body))).toMatchObject({ messages })
  })

  it('sends what request() makes of any input', async () => {
    const fetch = createScriptedFetch(whole())
    const stream = createStream({
      url: '/x',
      fetch,
      request: (input: { n: number }) => ({ doubled: input.n * 2 }),
    })
    await stream.send({ n: 4 })
    expect(fetch.requests[0]?.body).toBe('{"doubled":8}')
  })

  it('goes from connecting over streaming to done', async () => {
    const { stream, statuses, until } = setUp(whole('Hel', 'lo'))
    const sent = stream.send('a')
    expect(stream.$status.get()).toBe('connecting')
    await until('done')
    expect(stream.$text.get()).toBe('Hello')
    expect(stream.$message.get()).toMatchObject({ status: 'done', parts: [{ text: 'Hello' }] })
    expect(stream.$metrics.get()).toMatchObject({ outputTokens: 2 })
    expect(await sent).toBe(stream.$message.get())
    expect(statuses.at(0)).toBe('connecting')
    expect(statuses.at(-1)).toBe('done')
  })

  it('notifies once a frame, however many deltas arrive, and with the last', async () => {
    const pieces = Array.from({ length: 1000 }, (_, i) => `${i} `)
    const { stream, frame, texts, deltas, due } = setUp(whole(...pieces))
    const metrics = vi.fn()
    const message = vi.fn()
    stream.$metrics.listen(metrics)
    stream.$message.listen(message)
    void stream.send('a')
    await due()
    await eventually(() => expect(stream.$message.get()).toBeUndefined())
    // All of the body has arrived when the server has nothing left to give.
    await eventually(async () => {
      const before = frame.waiting
      await Promise.resolve()
      expect(before).toBe(1)
    })
    let painted = 0
    await eventually(() => {
      frame.paint()
      painted++
      expect(stream.$status.get()).toBe('done')
    })
    expect(texts.length).toBeLessThanOrEqual(painted)
    expect(message.mock.calls.length).toBeLessThanOrEqual(painted)
    expect(metrics.mock.calls.length).toBeLessThanOrEqual(painted)
    expect(stream.$text.get()).toBe(pieces.join(''))
    expect(deltas.filter(({ type }) => type === 'text-delta')).toHaveLength(1000)
  })

  it('gives deltas before the atoms that contain them, and keeps both in step', async () => {
    const { stream, until } = setUp(whole('a', 'b', 'c'))
    let tapped = ''
    stream.onDelta((delta) => {
      if (delta.type === 'text-delta') tapped += delta.delta
    })
    const seen: [string, string][] = []
    stream.$text.listen((text) => void (text !== '' && seen.push([text, tapped])))
    void stream.send('q')
    await until('done')
    for (const [text, tap] of seen) expect(text).toBe(tap)
    expect(tapped).toBe('abc')
  })

  it('gives one who comes late the rest of what the atoms show', async () => {
    const { stream, frame, fetch } = setUp(open('a', 'b'))
    void stream.send('q')
    await eventually(() => {
      frame.paint()
      expect(stream.$text.get()).toBe('ab')
    })
    let text = stream.$text.get()
    const undo = stream.onDelta((delta) => {
      if (delta.type === 'text-delta') text += delta.delta
    })
    stream.stop()
    expect(text).toBe('ab')
    undo()
    expect(fetch.open).toBe(0)
  })

  it('undoes each subscription for itself', async () => {
    const { stream, until } = setUp(whole('a'))
    const listener = vi.fn()
    const undo = stream.onDelta(listener)
    stream.onDelta(listener)
    undo()
    undo()
    void stream.send('q')
    await until('done')
    expect(listener).toHaveBeenCalledTimes(3) // start, text, finish
  })

  it('works without frames of the caller', async () => {
    const stream = createStream({ url: '/x', fetch: createScriptedFetch(whole('a', 'b')) })
    expect(await stream.send('q')).toMatchObject({ status: 'done' })
    expect(stream.$text.get()).toBe('ab')
  })

  it('works with a schedule that runs at once', async () => {
    const schedule: Schedule = (flush) => {
      flush()
      return () => {}
    }
    const stream = createStream({ url: '/x', fetch: createScriptedFetch(whole('a', 'b')), schedule })
    const texts: string[] = []
    stream.$text.listen((text) => void texts.push(text))
    await stream.send('q')
    expect(texts).toEqual(['a', 'ab'])
  })
})

describe('stop', () => {
  it('keeps the partial text, at once, and ends the request', async () => {
    const { stream, fetch, due } = setUp(open('par', 'tial'))
    const sent = stream.send('q')
    await due()
    await eventually(() => expect(fetch.requests[0]?.taken).toBe(3))
    stream.stop()
    expect(stream.$status.get()).toBe('aborted')
    expect(stream.$text.get()).toBe('partial')
    expect(stream.$message.get()).toMatchObject({ status: 'aborted', parts: [{ text: 'partial' }] })
    expect(stream.$error.get()).toBeUndefined()
    expect(await sent).toMatchObject({ status: 'aborted' })
    expect(fetch.requests[0]?.cancelled).toBe(true)
  })

  it('shows in the text all that is in the message', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const { stream } = setUp(whole('a', 'b', 'c', 'd'))
      void stream.send('q')
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      stream.stop()
      const part = stream.$message.get()?.parts[0]
      expect(stream.$text.get()).toBe(part?.type === 'text' ? part.text : '')
    }
  })

  it('before any answer, twice, or without a send, is harmless', async () => {
    const { stream, fetch } = setUp({ silent: true })
    stream.stop()
    expect(stream.$status.get()).toBe('idle')
    const sent = stream.send('q')
    stream.stop()
    stream.stop()
    expect(stream.$status.get()).toBe('aborted')
    expect(await sent).toMatchObject({ status: 'aborted', parts: [] })
    expect(fetch.open).toBe(0)
  })
})

describe('a second send', () => {
  it('aborts the first, whose late deltas never show', async () => {
    const { stream, fetch, deltas, texts, until, due } = setUp(open('first'), whole('second'))
    const first = stream.send('1')
    await due()
    await eventually(() => expect(fetch.requests[0]?.taken).toBe(2))
    const second = stream.send('2')
    expect(stream.$status.get()).toBe('connecting')
    expect(stream.$text.get()).toBe('')
    expect(await first).toMatchObject({ status: 'aborted', parts: [{ text: 'first' }] })
    await until('done')
    expect(await second).toMatchObject({ parts: [{ text: 'second' }] })
    expect(texts.join()).not.toContain('first')
    expect(JSON.stringify(deltas)).not.toContain('first')
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(fetch.open).toBe(0)
  })

  it('takes over in any moment of the first', async () => {
    for (let turns = 0; turns < 80; turns++) {
      const frame = frames()
      const stream = createStream({
        url: '/x',
        schedule: frame.schedule,
        fetch: async (input, init) =>
          createScriptedFetch(
            String(init?.body).includes('first?') ? whole('first', 'answer') : whole('second'),
          )(input, init),
      })
      const texts: string[] = []
      stream.$text.listen((text) => void texts.push(text))
      const first = stream.send('first?')
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      if (turns % 2) frame.paint()
      texts.length = 0
      const second = stream.send('second?')
      expect((await first).status).toMatch(/aborted|done/)
      await eventually(() => {
        frame.paint()
        expect(stream.$status.get()).toBe('done')
      })
      expect(await second).toMatchObject({ parts: [{ text: 'second' }] })
      expect(texts.filter((text) => text !== '')).toEqual(['second'])
    }
  })

  it('from within a listener shows nothing more of the first', async () => {
    const { stream, deltas, until } = setUp(whole('first', 'more'), whole('second'))
    let again = true
    stream.onDelta((delta) => {
      if (delta.type !== 'text-delta' || !again) return
      again = false
      void stream.send('2')
    })
    void stream.send('1')
    await until('done')
    await eventually(() => expect(stream.$text.get()).toBe('second'))
    expect(deltas.map((delta) => ('delta' in delta ? delta.delta : delta.type))).toEqual([
      'start',
      'first',
      'start',
      'second',
      'finish',
    ])
  })
})

describe('a broken connection', () => {
  const headers = { 'content-type': 'text/event-stream', 'content-location': 'https://api.example/s/1' }
  const numbered = (...pieces: string[]): string[] =>
    chatEvents(...pieces).map((event, i) => `id: ${i}\n${event}`)

  it('shows as reconnecting, keeps its text and goes on as one answer', async () => {
    const events = numbered('one ', 'two')
    const { stream, fetch, statuses, until } = setUp(
      { headers, body: [...events.slice(0, 2), new TypeError('reset')] },
      { body: events.slice(2) },
    )
    const random = vi.spyOn(globalThis.Math, 'random').mockReturnValue(0.01)
    const sent = stream.send('q')
    await until('reconnecting')
    expect(stream.$text.get()).toBe('one ')
    await until('done')
    random.mockRestore()
    expect(await sent).toMatchObject({ status: 'done', parts: [{ text: 'one two' }] })
    expect(stream.$metrics.get()).toMatchObject({ attempts: 2, resumed: true })
    expect(statuses.at(-1)).toBe('done')
    expect(fetch.requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  it('tells the caller of each attempt, too', async () => {
    const attempts: boolean[] = []
    const fetch = createScriptedFetch({ status: 503, headers: {} }, whole('a'))
    const random = vi.spyOn(globalThis.Math, 'random').mockReturnValue(0)
    const stream = createStream({
      url: '/x',
      fetch,
      onAttempt: ({ resuming }) => void attempts.push(resuming),
    })
    expect(await stream.send('q')).toMatchObject({ status: 'done' })
    random.mockRestore()
    expect(attempts).toEqual([false, false])
  })
})

describe('an error', () => {
  it('stands in $error, in words, with the partial text kept', async () => {
    const body = [...chatEvents('kept').slice(0, 2), new TypeError('reset')]
    const { stream, until } = setUp({ body })
    const sent = stream.send('q')
    await until('error')
    expect(stream.$error.get()).toBeInstanceOf(StreamError)
    expect(stream.$error.get()).toMatchObject({ code: 'incomplete' })
    expect(stream.$text.get()).toBe('kept')
    expect(await sent).toMatchObject({ status: 'error', error: { code: 'incomplete' } })
  })

  it('goes with the next send', async () => {
    const { stream, until } = setUp({ status: 400 }, whole('fine'))
    void stream.send('q')
    await until('error')
    const retried = stream.retry()
    expect(stream.$error.get()).toBeUndefined()
    await until('done')
    expect(await retried).toMatchObject({ parts: [{ text: 'fine' }] })
  })

  it('of the provider inside the stream is an error, not an answer', async () => {
    const { stream, until } = setUp({
      body: [chatEvent(chatChunk({ content: 'a' })), chatEvent({ error: 'busy' })],
    })
    void stream.send('q')
    await until('error')
    expect(stream.$error.get()).toMatchObject({ code: 'provider', message: 'busy' })
  })

  it('thrown by request() or headers() is shown as it is, and nothing is sent', async () => {
    const mine = new RangeError('mine')
    const fail = (): never => {
      throw mine
    }
    const fetch = createScriptedFetch()
    for (const options of [{ request: fail }, { headers: fail }]) {
      const stream = createStream({ url: '/x', fetch, ...options })
      expect(await stream.send('q')).toMatchObject({ status: 'error' })
      expect(stream.$error.get()).toBe(mine)
      expect(stream.$status.get()).toBe('error')
    }
    expect(fetch.requests).toHaveLength(0)
  })
})

describe('a listener', () => {
  it.each(['stop', 'send'] as const)(
    'may %s from within any atom, and every send settles',
    async (action) => {
      for (const name of ['$status', '$text', '$message', '$metrics'] as const) {
        const first = action === 'stop' ? open('first') : whole('first')
        const { stream, until } = setUp(first, whole('second'))
        const sent: Promise<unknown>[] = []
        let acted = false
        const undo = stream[name].listen((value) => {
          if (acted || !value) return
          acted = true
          if (action === 'stop') stream.stop()
          else sent.push(stream.send('2'))
        })
        sent.push(stream.send('1'))
        await until(action === 'stop' ? 'aborted' : 'done')
        await Promise.all(sent)
        expect(acted).toBe(true)
        if (action === 'send') expect(stream.$text.get()).toMatch(/^(first|second)$/)
        undo()
      }
    },
  )

  it('that throws loses nothing of the answer, and its error is heard', async () => {
    const heard: unknown[] = []
    vi.stubGlobal('queueMicrotask', (task: () => void) => {
      try {
        task()
      } catch (error) {
        heard.push(error)
      }
    })
    const { stream, until } = setUp(whole('a', 'b'))
    stream.onDelta(() => {
      throw new RangeError('delta')
    })
    stream.$text.listen(() => {
      throw new RangeError('text')
    })
    const sent = stream.send('q')
    await until('done')
    expect(await sent).toMatchObject({ status: 'done', parts: [{ text: 'ab' }] })
    expect(stream.$text.get()).toBe('ab')
    expect(new Set(heard.map(String))).toEqual(new Set(['RangeError: delta', 'RangeError: text']))
    vi.unstubAllGlobals()
  })

  it('that stops on a delta leaves the rest of what the message has to all, in order', async () => {
    const { stream, fetch, frame, due } = setUp(open('a', 'b', 'c', 'd'))
    const heard: [string[], string[]] = [[], []]
    stream.onDelta((delta) => {
      if (delta.type !== 'text-delta') return
      heard[0].push(delta.delta)
      if (delta.delta === 'a') stream.stop()
    })
    stream.onDelta((delta) => {
      if (delta.type === 'text-delta') heard[1].push(delta.delta)
    })
    const sent = stream.send('q')
    await due()
    await eventually(() => expect(fetch.requests[0]?.taken).toBe(5))
    await new Promise((resolve) => setTimeout(resolve))
    frame.paint()
    expect(heard).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ])
    expect(stream.$status.get()).toBe('aborted')
    expect(stream.$text.get()).toBe('abcd')
    expect(await sent).toMatchObject({ status: 'aborted', parts: [{ text: 'abcd' }] })
  })

  it('that is request() may send, too: the outer send takes over', async () => {
    const frame = frames()
    const fetch = createScriptedFetch(whole('x'), whole('x'))
    let inner: Promise<unknown> | undefined
    const stream: StreamStore<string> = createStream({
      url: '/x',
      fetch,
      schedule: frame.schedule,
      request(input: string) {
        if (input === 'outer') inner = stream.send('inner')
        return { input }
      },
    })
    const outer = stream.send('outer')
    expect(await inner).toMatchObject({ status: 'aborted' })
    await eventually(() => {
      frame.paint()
      expect(stream.$status.get()).toBe('done')
    })
    expect(await outer).toMatchObject({ status: 'done' })
  })

  it('of several atoms is called once a frame, with all of them in place', async () => {
    const { stream, until } = setUp(whole('a'))
    const seen: string[] = []
    const listener = (): void => {
      const message = stream.$message.get()
      seen.push(`${stream.$status.get()} ${stream.$text.get()} ${message?.status}`)
    }
    stream.$status.listen(listener)
    stream.$text.listen(listener)
    stream.$message.listen(listener)
    void stream.send('q')
    await until('done')
    expect(seen[0]).toBe('connecting  undefined')
    expect(seen.at(-1)).toBe('done a done')
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('retry', () => {
  it('without a send does nothing', async () => {
    const { stream, fetch } = setUp()
    expect(await stream.retry()).toBeUndefined()
    expect(fetch.requests).toHaveLength(0)
  })

  it('asks the same again', async () => {
    const { stream, fetch, until } = setUp(whole('a'), whole('b'))
    void stream.send('the prompt')
    await until('done')
    const { retry } = stream
    void retry()
    await eventually(() => expect(fetch.requests).toHaveLength(2))
    expect(fetch.requests[1]?.body).toBe(fetch.requests[0]?.body)
    await until('done')
  })
})
