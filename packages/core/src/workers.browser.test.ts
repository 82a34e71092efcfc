import { chatEvent, chatEvents } from '@rivulet/testkit'
import type { PlayedScript, ServerReply } from '@rivulet/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scriptServer } from '../test/script-server.ts'
import type { Task, Told } from '../test/workers/serve-tasks.ts'

// Core in each kind of worker, bundled as it would be for one, against a server of another origin.

type Post = (message: Task, ports: readonly MessagePort[]) => void

interface Opened {
  readonly post: Post
  close(): Promise<unknown>
}

async function openWorker(url: string, type: WorkerType): Promise<Opened> {
  const worker = new Worker(url, { type })
  return {
    post: (message, ports) => worker.postMessage(message, [...ports]),
    close: async () => worker.terminate(),
  }
}

async function openServiceWorker(url: string, type: WorkerType): Promise<Opened> {
  const registration = await navigator.serviceWorker.register(url, { type, updateViaCache: 'none' })
  const worker = (registration.installing ?? registration.waiting ?? registration.active)!
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (worker.state === 'activated') resolve()
      if (worker.state === 'redundant') reject(new Error('The service worker could not be installed'))
    }
    worker.addEventListener('statechange', look)
    look()
  })
  return {
    post: (message, ports) => worker.postMessage(message, [...ports]),
    close: () => registration.unregister(),
  }
}

const JSON_LINES = {
  headers: { 'content-type': 'application/x-ndjson' },
  body: '{"a":1}\n{"a":2}\n',
}

const KINDS = [
  { kind: 'a module worker', open: openWorker, type: 'module', scope: 'DedicatedWorkerGlobalScope' },
  { kind: 'a classic worker', open: openWorker, type: 'classic', scope: 'DedicatedWorkerGlobalScope' },
  {
    kind: 'a module service worker',
    open: openServiceWorker,
    type: 'module',
    scope: 'ServiceWorkerGlobalScope',
  },
  {
    kind: 'a classic service worker',
    open: openServiceWorker,
    type: 'classic',
    scope: 'ServiceWorkerGlobalScope',
  },
] as const

const urlOf = (name: string, type: WorkerType): string =>
  `/bundled-workers/${type === 'module' ? 'es' : 'iife'}/${name}.js`

interface Answer {
  readonly result: unknown
  readonly data: string[]
  readonly script: PlayedScript
}

/** Runs a task over a script; `onData` is called with what was read as it is told. */
async function ask(
  { post }: Opened,
  name: string,
  replies: readonly ServerReply[],
  onData: (data: string, script: PlayedScript) => unknown = () => {},
): Promise<Answer> {
  // What a worker may send, its server has to allow: a Last-Event-ID is not allowed unasked.
  const cors = { headers: ['content-type', 'last-event-id'], expose: ['content-location'] }
  const script = await scriptServer.play({ cors, replies })
  const { port1, port2 } = new MessageChannel()
  const data: string[] = []
  const result = await new Promise<unknown>((resolve, reject) => {
    port1.addEventListener('message', ({ data: told }: MessageEvent<Told>) => {
      if ('failed' in told) reject(new Error(told.failed))
      else if ('result' in told) resolve(told.result)
      else {
        data.push(told.data)
        onData(told.data, script)
      }
    })
    port1.start()
    post({ name, url: `${script.url}/chat` }, [port2])
  })
  port1.close()
  return { result, data, script }
}

describe.each(KINDS)('in $kind', ({ open, type, scope }) => {
  let worker: Opened
  beforeAll(async () => void (worker = await open(urlOf('read', type), type)))
  afterAll(() => worker.close())

  it('there is neither window nor document', async () => {
    const { result } = await ask(worker, 'surroundings', [])
    expect(result).toEqual([scope, false, false])
  })

  it('readEvents reads', async () => {
    const body = ['event: a\nda', 'ta: é\n\ndata', ': 🙂\n\n']
    const { result, data } = await ask(worker, 'readEvents', [{ body }])
    expect([result, data]).toEqual([
      ['a', 'message'],
      ['é', '🙂'],
    ])
  })

  it('streamEvents resumes what was cut', async () => {
    const headers = { 'content-type': 'text/event-stream', 'content-location': 'streams/1' }
    const { result, data, script } = await ask(
      worker,
      'streamEvents',
      [
        { headers, body: ['id: 1\ndata: one\n\n', { gate: 'read' }], finish: 'cut' },
        { body: 'id: 2\ndata: two\n\nid: 3\ndata: [DONE]\n\n' },
      ],
      (read, { open: openGate }) => read === 'one' && openGate('read'),
    )
    expect([result, data]).toEqual([2, ['one', 'two', '[DONE]']])
    const { requests } = await script.seen()
    expect(requests.map(({ method, headers }) => [method, headers['last-event-id']])).toEqual([
      ['POST', undefined],
      ['GET', '1'],
    ])
  })

  it('streamMessage makes a message', async () => {
    const { result, data } = await ask(worker, 'streamMessage', [{ body: chatEvents('he', 'llo') }])
    expect([result, data]).toEqual([
      ['hello', 'done'],
      ['he', 'llo'],
    ])
  })

  it('leaving the loop ends the request', async () => {
    const { result, script } = await ask(worker, 'leave', [{ body: 'data: a\n\n', finish: 'hang' }])
    expect(result).toBe('a')
    expect((await script.ended(0)).ended).toBe('aborted')
  })

  it('an abort ends the request, with its own reason', async () => {
    const { result, data, script } = await ask(worker, 'abort', [{ body: 'data: a\n\n', finish: 'hang' }])
    expect([result, data]).toEqual([true, ['a']])
    expect((await script.ended(0)).ended).toBe('aborted')
  })

  it('a time-out ends the request', async () => {
    const { result, script } = await ask(worker, 'timeout', [{ finish: 'hang' }])
    expect(result).toEqual([true, 'timeout'])
    expect((await script.ended(0)).ended).toBe('aborted')
  })

  it('another dialect is read if it is bound', async () => {
    const records = [
      { type: 'ping' },
      { type: 'message_start', message: { id: 'm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't', name: 'f' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ]
    const { result, data } = await ask(worker, 'bound', [{ body: records.map(chatEvent) }])
    expect([result, data]).toEqual([['Hé', 'done', 'tool-calls'], ['Hé']])
  })

  it('JSON is read by a parser that is given', async () => {
    const { result, data } = await ask(worker, 'json', [JSON_LINES])
    expect([result, data]).toEqual(['read', ['{"a":1}', '{"a":2}']])
  })
})

describe.each(KINDS)('in $kind that lacks the JSON parser', ({ open, type, kind }) => {
  const imports = kind !== 'a module service worker'
  it(imports ? 'JSON is read all the same' : 'the error for JSON says what to do', async () => {
    const worker = await open(urlOf('read-json', type), type)
    const { result, data } = await ask(worker, 'streamEvents', [JSON_LINES])
    await worker.close()
    expect([result, data]).toEqual(
      imports
        ? ['read', ['{"a":1}', '{"a":2}']]
        : ['To read this here, pass createJsonParser as `parser`.', []],
    )
  })
})

describe.each(KINDS)('in $kind that binds no dialect', ({ open, type, kind }) => {
  const imports = kind !== 'a module service worker'
  it(imports ? 'others are read all the same' : 'the error for others says what to do', async () => {
    const worker = await open(urlOf('read', type), type)
    const records = [
      { type: 'message_start', message: {} },
      { type: 'message_delta', delta: { stop_reason: 'x' } },
    ]
    const { result } = await ask(worker, 'streamMessage', [{ body: records.map(chatEvent) }])
    await worker.close()
    if (imports) expect(result).toEqual(['', 'done'])
    else expect(result).toMatch(/could not be loaded here; give those that you need as `dialects`/)
  })
})
