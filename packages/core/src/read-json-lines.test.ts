import { bytesOf, createScriptedFetch, everySplit, streamOf } from '@rivulet/testkit'
import { describe, expect, it } from 'vitest'
import { readJsonLines } from './read-json-lines.ts'
import type { ByteSource } from './types.ts'

const OLLAMA = '{"message":{"content":"é"},"done":false}\n{"message":{"content":"🙂"},"done":true}\n'
const GEMINI = '[{\n  "text": "é"\n}\n,\r\n{\n  "text": "🙂"\n}\n]\n'

/** The values, and the error that the loop ended with. */
async function read(body: ByteSource | null): Promise<{ values: unknown[]; error?: unknown }> {
  const values: unknown[] = []
  try {
    for await (const event of readJsonLines(body)) {
      expect(event).toMatchObject({ type: 'message', lastEventId: '' })
      values.push(JSON.parse(event.data))
    }
  } catch (error) {
    return { values, error }
  }
  return { values }
}

describe('readJsonLines', () => {
  it('gives the same records for every cutting of NDJSON', async () => {
    for (const { name, chunks } of everySplit(OLLAMA)) {
      expect(await read(streamOf(chunks)), name).toEqual({
        values: [
          { message: { content: 'é' }, done: false },
          { message: { content: '🙂' }, done: true },
        ],
      })
    }
  })

  it('gives the same records for every cutting of an array', async () => {
    for (const { name, chunks } of everySplit(GEMINI)) {
      expect(await read(streamOf(chunks)), name).toEqual({ values: [{ text: 'é' }, { text: '🙂' }] })
    }
  })

  it('gives nothing for a response without a body', async () => {
    expect(await read(null)).toEqual({ values: [] })
  })

  it('gives a last line that has no LF', async () => {
    expect(await read(streamOf(['{"a":1}\n"b"']))).toEqual({ values: [{ a: 1 }, 'b'] })
  })

  it.each(['{"a":1}\n{"a":', '[{"a":1}', '[{"a":1},\n', '[{"a":1}, 2', '[{"a":1}, "]'])(
    'never takes %j for a whole body',
    async (body) => {
      expect(await read(streamOf([body]))).toEqual({
        values: [{ a: 1 }],
        error: expect.objectContaining({ name: 'StreamError', code: 'incomplete' }) as unknown,
      })
    },
  )

  it('gives an element before the array has its end', async () => {
    const fetch = createScriptedFetch({ body: ['[{"a":1}', ',{"a":2}'], hang: true })
    const { body } = await fetch('/answer')
    const events = readJsonLines(body)
    expect((await events.next()).value).toMatchObject({ data: '{"a":1}' })
    expect(fetch.requests[0]?.taken).toBe(1)
    await events.return()
    expect(fetch.requests[0]).toMatchObject({ taken: 1, cancelled: true })
  })

  it('has cancelled the body when break returns', async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => controller.enqueue(bytesOf('{}\n')),
        async cancel() {
          await Promise.resolve()
          cancelled = true
        },
      },
      { highWaterMark: 0 },
    )
    for await (const _ of readJsonLines(body)) break
    expect(cancelled).toBe(true)
  })

  it('throws the reason of the signal, and the error of a body that breaks', async () => {
    const reason = { why: 'the reader left' }
    const aborted = readJsonLines(streamOf([OLLAMA]), { signal: AbortSignal.abort(reason) })
    await expect(aborted.next()).rejects.toBe(reason)

    const broken = new TypeError('terminated')
    const { body } = await createScriptedFetch({ body: ['{"a":1}\n{', broken] })('/answer')
    expect(await read(body)).toEqual({ values: [{ a: 1 }], error: broken })
  })

  it('gives the records before one that is too large, and cancels the body', async () => {
    const fetch = createScriptedFetch({ body: `{"a":1}\n{"a":"${'x'.repeat(100)}"}`, hang: true })
    const { body } = await fetch('/answer')
    const events = readJsonLines(body, { maxEventBytes: 50 })
    expect((await events.next()).value).toMatchObject({ data: '{"a":1}' })
    await expect(events.next()).rejects.toMatchObject({ name: 'StreamError', code: 'limit' })
    expect(fetch.requests[0]?.cancelled).toBe(true)
    expect(fetch.open).toBe(0)
  })
})
