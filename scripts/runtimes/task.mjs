// What every runtime has to do with core: `<runtime> task.mjs '{ core, testkit, server, nowhere }'` prints a line a check.
const { core, testkit, server, nowhere } = JSON.parse(globalThis.Deno?.args[0] ?? process.argv[2])
const { createEventParser, messageText, readEvents, streamEvents, streamMessage } = await import(core)
const { chatEvents, connectScriptServer } = await import(testkit)
const scripts = connectScriptServer(server)

const body = { prompt: 'Why?' }
const retry = { baseMs: 1 }
const isLast = ({ data }) => data === '[DONE]'
const headers = { 'content-type': 'text/event-stream', 'content-location': 'streams/1' }

async function dataOf(events, onData = () => {}) {
  const data = []
  for await (const event of events) {
    data.push(event.data)
    await onData(event.data)
  }
  return data
}

const codeOf = (promise) =>
  promise.then(
    () => 'resolved',
    (error) => error.code ?? String(error),
  )

/** Its name, what it does with a script's replies, and what must come of it. */
const checks = {
  'bytes become events': {
    replies: [],
    run: () => {
      const events = []
      const parser = createEventParser({ onEvent: ({ data }) => events.push(data) })
      for (const byte of new TextEncoder().encode('\uFEFFdata: é🙂\r\n\r\n')) parser.push(Uint8Array.of(byte))
      return events
    },
    expected: ['é🙂'],
  },
  'readEvents reads a body': {
    replies: [{ body: ['data: h', 'é\n', '\nevent: x\ndata: 🙂\n\n'] }],
    run: async ({ url }) => dataOf(readEvents((await fetch(url)).body)),
    expected: ['hé', '🙂'],
  },
  'streamMessage makes a message': {
    replies: [{ body: chatEvents('he', 'llo') }],
    run: async ({ url }) => messageText(await streamMessage(url, { body }).finished),
    expected: 'hello',
  },
  'a cut stream is resumed': {
    replies: [
      { headers, body: ['id: 1\ndata: a\n\n', { gate: 'read' }], finish: 'cut' },
      { body: 'id: 2\ndata: [DONE]\n\n' },
    ],
    run: async (script) =>
      dataOf(streamEvents(`${script.url}/chat`, { body, retry, isLast }), () => script.open('read')),
    expected: ['a', '[DONE]'],
  },
  'a cut answer is incomplete, and not asked for again': {
    replies: [{ body: ['data: a\n\n', { gate: 'read' }], finish: 'cut' }],
    run: async (script) => {
      const code = await codeOf(
        dataOf(streamEvents(script.url, { body, retry, isLast }), () => script.open('read')),
      )
      return [code, (await script.seen()).requests.length]
    },
    expected: ['incomplete', 1],
  },
  'leaving the loop ends the request': {
    replies: [{ body: 'data: a\n\n', finish: 'hang' }],
    run: async (script) => {
      for await (const _ of streamEvents(script.url, { body })) break
      return (await script.ended(0)).ended
    },
    expected: 'aborted',
  },
  'leaving readEvents ends the request': {
    replies: [{ body: 'data: a\n\n', finish: 'hang' }],
    run: async (script) => {
      for await (const _ of readEvents((await fetch(script.url)).body)) break
      return (await script.ended(0)).ended
    },
    expected: 'aborted',
  },
  'an abort ends the request, with its own reason': {
    replies: [{ body: 'data: a\n\n', finish: 'hang' }],
    run: async (script) => {
      const controller = new AbortController()
      const reason = new Error('enough')
      const events = streamEvents(script.url, { body, signal: controller.signal })
      const thrown = await dataOf(events, () => controller.abort(reason)).catch((error) => error)
      return [thrown === reason, (await script.ended(0)).ended]
    },
    expected: [true, 'aborted'],
  },
  'a time-out ends the request': {
    replies: [{ finish: 'hang' }],
    run: async (script) => {
      const code = await codeOf(dataOf(streamEvents(script.url, { body, timeout: { firstEvent: 50 } })))
      return [code, (await script.ended(0)).ended]
    },
    expected: ['timeout', 'aborted'],
  },
  'a status is an error': {
    replies: [
      { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":{"message":"no"}}' },
    ],
    run: async ({ url }) => codeOf(dataOf(streamEvents(url, { body }))),
    expected: 'http',
  },
  'a server that is not there is an error': {
    replies: [],
    run: async () => codeOf(dataOf(streamEvents(nowhere, { retry: false }))),
    expected: 'network',
  },
  'NDJSON is read': {
    replies: [{ headers: { 'content-type': 'application/x-ndjson' }, body: '{"a":1}\n{"a":2}\n' }],
    run: async ({ url }) => dataOf(streamEvents(url, { body })),
    expected: ['{"a":1}', '{"a":2}'],
  },
  'a loop that waits holds the server back': {
    replies: [{ body: [{ repeat: `data: ${'x'.repeat(65_528)}\n\n`, times: 8192 }] }],
    run: async (script) => {
      const events = streamEvents(script.url)
      await events.next()
      let sent = -1
      for (let same = 0; same < 5;) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        const { sentBytes } = await script.request(0)
        same = sentBytes === sent ? same + 1 : 0
        sent = sentBytes
      }
      await events.return()
      return [sent < 64 * 2 ** 20, (await script.ended(0)).ended]
    },
    expected: [true, 'aborted'],
  },
}

for (const [name, { replies, run, expected }] of Object.entries(checks)) {
  const script = await scripts.play({ replies })
  const late = new Promise((resolve) => setTimeout(resolve, 20_000, 'nothing within 20 s'))
  const seen = await Promise.race([Promise.resolve(script).then(run), late]).catch(
    (error) => `threw ${error}`,
  )
  const right = JSON.stringify(seen) === JSON.stringify(expected)
  console.log(`${right ? 'ok     ' : 'FAILED '} ${name}${right ? '' : `: ${JSON.stringify(seen)}`}`)
}
// Some runtimes keep waiting for what a failed check has left open.
if (globalThis.Deno) Deno.exit()
else process.exit()
