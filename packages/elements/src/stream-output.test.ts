import { createStream } from '@rivulet/store'
import type { StreamStore } from '@rivulet/store'
import { chatChunk, chatEvent, chatEvents, createScriptedFetch } from '@rivulet/testkit'
import type { ScriptedFetch, ScriptedReply } from '@rivulet/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import './define.ts'
import type { StreamDoneEvent } from './events/stream-done-event.ts'
import type { StreamErrorEvent } from './events/stream-error-event.ts'
import type { StreamStatusEvent } from './events/stream-status-event.ts'
import type { StreamOutput } from './stream-output.ts'

const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { interval: 5 })

let fetch: ScriptedFetch

/** The page's own fetch answers from this script. */
function script(...replies: readonly ScriptedReply[]): void {
  fetch = createScriptedFetch(...replies)
  vi.stubGlobal('fetch', fetch)
}

function mount(markup: string): StreamOutput {
  document.body.innerHTML = markup
  return document.body.querySelector('stream-output') as StreamOutput
}

const TAG = '<stream-output src="/v1/chat/completions" model="m" prompt="Hi"></stream-output>'
const part = (element: StreamOutput, name: string): HTMLElement | null | undefined =>
  element.shadowRoot?.querySelector<HTMLElement>(`[part=${name}]`)
const shows = (element: StreamOutput, name: string): boolean =>
  part(element, name)?.closest('[hidden]') === null
const answer = (element: StreamOutput): string =>
  [...(element.shadowRoot?.querySelectorAll('.line') ?? [])].map((line) => line.textContent).join('\n')
const whole = (...pieces: string[]): ScriptedReply => ({ body: chatEvents(...pieces) })
const open = (...pieces: string[]): ScriptedReply => ({
  body: chatEvents(...pieces).slice(0, -2),
  hang: true,
})

beforeEach(() => script())
afterEach(() => {
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

describe('<stream-output> alone on a page', () => {
  it('asks by its attributes and shows the answer, a block a line', async () => {
    script(whole('Hello\n', '\nworld'))
    const element = mount(TAG)
    await eventually(() => expect(answer(element)).toBe('Hello\n\nworld'))
    expect(fetch.requests[0]?.url).toContain('/v1/chat/completions')
    expect(JSON.parse(String(fetch.requests[0]?.body))).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
  })

  it('sends nothing without a prompt or without a src', async () => {
    for (const tag of [
      '<stream-output src="/x"></stream-output>',
      '<stream-output prompt="Hi"></stream-output>',
    ]) {
      await mount(tag).updateComplete
    }
    expect(fetch.requests).toHaveLength(0)
  })

  it('shows the typing indicator until the first text', async () => {
    script(open())
    const element = mount(TAG)
    await element.updateComplete
    expect(shows(element, 'indicator')).toBe(true)
    element.stop()
    script(open('a'))
    element.prompt = 'more'
    await eventually(() => expect(answer(element)).toBe('a'))
    expect(shows(element, 'indicator')).toBe(false)
  })

  it('asks again when the prompt changes, and ends the request before', async () => {
    script(open('first'), whole('second'))
    const element = mount(TAG)
    await eventually(() => expect(answer(element)).toBe('first'))
    element.setAttribute('prompt', 'again')
    await eventually(() => expect(answer(element)).toBe('second'))
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(fetch.requests).toHaveLength(2)
  })

  it('keeps the partial text when it is stopped, and marks it', async () => {
    script(open('partial'))
    const element = mount(TAG)
    await eventually(() => expect(answer(element)).toBe('partial'))
    expect(shows(element, 'stopped')).toBe(false)
    element.stop()
    await element.updateComplete
    expect(answer(element)).toBe('partial')
    expect(shows(element, 'stopped')).toBe(true)
    expect(fetch.open).toBe(0)
  })

  it('says an error in words and asks again on retry', async () => {
    const body = JSON.stringify({ error: { message: 'Rate limit reached' } })
    const busy = { status: 429, headers: {}, body }
    const last = { ...busy, headers: { 'content-type': 'application/json', 'retry-after': '3' } }
    script(busy, busy, busy, last, whole('fine'))
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    const element = mount(TAG)
    await eventually(() => expect(shows(element, 'error')).toBe(true))
    random.mockRestore()
    expect(part(element, 'error-text')?.textContent).toBe('Too many requests. Try again in 3 seconds.')
    expect(part(element, 'error-detail')?.textContent).toContain('Rate limit reached')
    part(element, 'retry')?.click()
    await eventually(() => expect(answer(element)).toBe('fine'))
    expect(shows(element, 'error')).toBe(false)
    expect(element.shadowRoot?.activeElement).toBe(part(element, 'message'))
  })

  it('shows what came before an answer broke off, and that it did', async () => {
    script({ body: [...chatEvents('half an ans').slice(0, 2), new TypeError('reset')] })
    const element = mount(TAG)
    await eventually(() => expect(shows(element, 'error')).toBe(true))
    expect(answer(element)).toBe('half an ans')
    expect(part(element, 'error-text')?.textContent).toBe('The answer broke off before it was complete.')
  })

  it('shows what the model sends as text, never as markup', async () => {
    const hostile = '<img src=x onerror="globalThis.pwned=1"><script>pwned=1</script>'
    const failing = { status: 400, headers: {}, body: JSON.stringify({ error: { message: hostile } }) }
    script(whole(hostile), failing)
    const element = mount(TAG)
    await eventually(() => expect(answer(element)).toBe(hostile))
    element.retry()
    await eventually(() => expect(part(element, 'error-detail')?.textContent).toContain(hostile))
    expect(element.shadowRoot?.querySelector('img, script')).toBeNull()
    expect('pwned' in globalThis).toBe(false)
  })

  it('stops its request when it leaves the page, not when it is moved', async () => {
    script(open('a'))
    const element = mount(`<div>${TAG}</div><p></p>`)
    await eventually(() => expect(answer(element)).toBe('a'))
    document.querySelector('p')?.append(element)
    await Promise.resolve()
    expect(fetch.requests[0]?.cancelled).toBe(false)
    element.remove()
    await eventually(() => expect(fetch.requests[0]?.cancelled).toBe(true))
    expect(fetch.requests).toHaveLength(1)
    expect(fetch.open).toBe(0)
  })

  it.each([
    ['length', 'length'],
    ['content_filter', 'content-filter'],
  ])('marks an answer that ended by %s as cut off', async (raw, slot) => {
    script({ body: [chatEvent(chatChunk({ content: 'a' }, raw)), 'data: [DONE]\n\n'] }, whole('b'))
    const element = mount(TAG)
    await eventually(() => expect(shows(element, 'cut-off')).toBe(true))
    const shown = element.shadowRoot?.querySelectorAll('[part=cut-off] slot:not([hidden])')
    expect([...(shown ?? [])].map((each) => each.getAttribute('name'))).toEqual([slot])
    element.retry()
    await eventually(() => expect(answer(element)).toBe('b'))
    expect(shows(element, 'cut-off')).toBe(false)
  })

  it('can be asked through its store, without a prompt', async () => {
    script(whole('asked by hand'))
    const element = mount('<stream-output src="/x"></stream-output>')
    await element.updateComplete
    const store = element.store as unknown as StreamStore
    expect(await store.send('q')).toMatchObject({ status: 'done' })
    expect(answer(element)).toBe('asked by hand')
  })

  it('ends what runs when the prompt is emptied', async () => {
    script(open('a'))
    const element = mount(TAG)
    await eventually(() => expect(answer(element)).toBe('a'))
    element.prompt = ''
    await element.updateComplete
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(answer(element)).toBe('a')
  })

  it('asks once it is on a page, though it was taken off before it could', async () => {
    script(whole('a'), whole('b'))
    const element = mount(TAG)
    element.remove()
    await element.updateComplete
    expect(fetch.requests).toHaveLength(0)
    document.body.append(element)
    await eventually(() => expect(answer(element)).toBe('a'))
    element.remove()
    element.prompt = 'changed while away'
    await element.updateComplete
    document.body.append(element)
    await eventually(() => expect(answer(element)).toBe('b'))
    expect(fetch.requests).toHaveLength(2)
  })

  it('has events that bubble', async () => {
    script({ body: chatEvents('a').slice(0, 2) }, whole('b'))
    const seen: string[] = []
    document.body.addEventListener('stream-status', (event) => {
      const { status, previous } = event as StreamStatusEvent
      seen.push(`${previous} > ${status}`)
    })
    document.body.addEventListener('stream-error', (event) => {
      seen.push((event as StreamErrorEvent).error.name)
    })
    document.body.addEventListener('stream-done', (event) => {
      seen.push((event as StreamDoneEvent).message.status)
    })
    const element = mount(TAG)
    await eventually(() => expect(seen).toContain('StreamError'))
    element.retry()
    await eventually(() => expect(seen).toContain('done'))
    expect(seen[0]).toBe('idle > connecting')
    expect(seen).toContain('error > connecting')
    expect(seen.at(-1)).toBe('done')
  })
})

describe('<stream-output> with a store', () => {
  let store: StreamStore

  function bind(...replies: ScriptedReply[]): StreamOutput {
    script(...replies)
    store = createStream({ url: '/x', fetch })
    const element = mount('<stream-output></stream-output>')
    element.stream = store
    return element
  }

  it('shows what the store shows, and sends nothing itself', async () => {
    const element = bind(whole('from the store'))
    element.src = '/other'
    element.prompt = 'ignored'
    await element.updateComplete
    expect(fetch.requests).toHaveLength(0)
    await store.send('q')
    expect(answer(element)).toBe('from the store')
  })

  it('shows what was there before, and what comes after', async () => {
    script(open('be', 'fore'))
    const early = createStream({ url: '/x', fetch })
    void early.send('q')
    await eventually(() => expect(early.$text.get()).toBe('before'))
    const element = mount('<stream-output></stream-output>')
    element.stream = early
    await element.updateComplete
    expect(answer(element)).toBe('before')
    early.stop()
    await element.updateComplete
    expect(shows(element, 'stopped')).toBe(true)
  })

  it('lets go of a store that is replaced, and of every store when it leaves', async () => {
    const element = bind(whole('old'), whole('older'))
    await store.send('q')
    const next = createStream({ url: '/x', fetch: createScriptedFetch(whole('new')) })
    element.stream = next
    await next.send('q')
    await element.updateComplete
    expect(answer(element)).toBe('new')
    await store.send('q')
    expect(answer(element)).toBe('new')
    element.remove()
    expect(next.$message.lc + next.$status.lc).toBe(0)
  })

  it('does not listen to a store while it is off the page', async () => {
    const element = bind(whole('a'))
    element.remove()
    await element.updateComplete
    expect(store.$status.lc + store.$message.lc).toBe(0)
    document.body.append(element)
    element.addEventListener('stream-done', () => element.remove())
    await store.send('q')
    await element.updateComplete
    expect(answer(element)).toBe('a')
    expect(store.$status.lc + store.$message.lc).toBe(0)
  })

  it('leaves the stream running when it leaves the page', async () => {
    const element = bind(open('a'))
    void store.send('q')
    await eventually(() => expect(answer(element)).toBe('a'))
    element.remove()
    await Promise.resolve()
    await Promise.resolve()
    expect(fetch.requests[0]?.cancelled).toBe(false)
    store.stop()
  })

  it('shows reasoning folded away, tool calls with their arguments, and refusals', async () => {
    const call = { index: 0, id: 'c1', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }
    const element = bind({
      body: [
        chatEvent(chatChunk({ reasoning_content: 'Let me think.' })),
        chatEvent(chatChunk({ content: 'Looking it up.' })),
        chatEvent(chatChunk({ tool_calls: [call] })),
        chatEvent(chatChunk({ refusal: 'No.' }, 'stop')),
      ],
    })
    await store.send('q')
    await element.updateComplete
    expect(part(element, 'reasoning')?.tagName).toBe('DETAILS')
    expect(part(element, 'reasoning')?.hasAttribute('open')).toBe(false)
    expect(part(element, 'reasoning-text')?.textContent).toBe('Let me think.')
    expect(part(element, 'text')?.textContent).toBe('Looking it up.')
    expect(part(element, 'tool-name')?.textContent).toBe('get_weather')
    expect(part(element, 'tool-input')?.textContent).toBe('{"city":"Oslo"}')
    expect(part(element, 'refusal')?.textContent).toBe('No.')
  })

  it('shows a finished message as it showed it while it came', async () => {
    const call = { index: 0, id: 'c1', function: { name: 'f', arguments: '{}' } }
    const element = bind({
      body: [
        chatEvent(chatChunk({ reasoning: 'Hm\n\nhm' })),
        ...chatEvents('a\n', 'b').slice(0, 3),
        chatEvent(chatChunk({ tool_calls: [call] }, 'stop')),
      ],
    })
    await store.send('q')
    const streamed = part(element, 'message')?.innerHTML
    element.stream = undefined
    await element.updateComplete
    expect(part(element, 'message')?.innerHTML).toBe('')
    element.stream = store
    await element.updateComplete
    expect(part(element, 'message')?.innerHTML).toBe(streamed)
  })

  it('has words of its own in other languages', async () => {
    const element = bind({ status: 500 })
    element.labels = { describeError: () => 'Etwas ging schief.' }
    await store.send('q')
    await element.updateComplete
    expect(part(element, 'error-text')?.textContent).toBe('Etwas ging schief.')
  })

  it('tells a screen reader the answer in sentences, outside of the answer', async () => {
    const element = bind(open('The sky', ' is blue. Be', 'cause'))
    void store.send('q')
    await eventually(() => expect(answer(element)).toContain('cause'))
    const region = element.shadowRoot?.querySelector('[role=status]')
    expect(region?.textContent).toBe('The answer begins.')
    expect(part(element, 'message')?.ariaBusy).toBe('true')
    store.stop()
    expect(region?.textContent).toBe('The sky is blue. Because Stopped.')
    expect(part(element, 'message')?.ariaBusy).toBe('false')
  })
})
