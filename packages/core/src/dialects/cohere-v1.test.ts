import { createScriptedFetch } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from '../delta-writer.ts'
import { createMessageBuilder } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message } from '../types.ts'
import { cohereV1 } from './cohere-v1.ts'

const event = { type: 'message', data: '', lastEventId: '' }

function read(...records: readonly unknown[]): Message {
  const writer = createDeltaWriter(cohereV1.name)
  const reader = cohereV1.open(writer)
  for (const record of records) reader.read(record as Record<string, unknown>, event)
  const builder = createMessageBuilder()
  for (const delta of writer.take()) builder.apply(delta)
  return builder.snapshot()
}

const start = { event_type: 'stream-start', generation_id: 'gen-1', is_finished: false }
const text = (words: string): object => ({ event_type: 'text-generation', text: words, is_finished: false })
const meta = { billed_units: { input_tokens: 1 }, tokens: { input_tokens: 70, output_tokens: 5 } }
const end = (finish_reason: string): object => ({
  event_type: 'stream-end',
  finish_reason,
  is_finished: true,
  response: { text: 'Four', meta },
})

describe('an answer', () => {
  it('is text, told once, and ends with its counts', () => {
    expect(read(start, text('Fo'), text('ur'), end('COMPLETE'))).toMatchObject({
      id: 'gen-1',
      finishReason: 'stop',
      rawFinishReason: 'COMPLETE',
      parts: [{ type: 'text', text: 'Four' }],
      usage: { inputTokens: 70, outputTokens: 5, totalTokens: 75, raw: meta },
    })
  })

  it('may call tools, whole', () => {
    const calls = [{ name: 'weather', parameters: { city: 'Rome' } }, { name: 'now' }]
    expect(
      read(
        start,
        { event_type: 'tool-calls-generation', text: 'I ask.', tool_calls: calls },
        end('COMPLETE'),
      ),
    ).toMatchObject({
      finishReason: 'tool-calls',
      parts: [
        { toolName: 'weather', input: { city: 'Rome' } },
        { toolName: 'now', input: {} },
      ],
    })
  })

  it('may rest on pages', () => {
    const documents = [{ id: 'web_0', url: 'https://a.example/', title: 'A', snippet: 'a' }]
    expect(read(start, { event_type: 'search-results', documents }).parts).toEqual([
      { type: 'source', source: { url: 'https://a.example/', id: 'web_0', title: 'A', snippet: 'a' } },
    ])
  })

  it.each([
    ['MAX_TOKENS', 'length'],
    ['ERROR_TOXIC', 'content-filter'],
    ['USER_CANCEL', 'aborted'],
    ['ERROR', 'error'],
  ])('that ends with %s has the reason %s', (raw, finishReason) => {
    expect(read(text('x'), end(raw)).finishReason).toBe(finishReason)
  })

  it('may fail', () => {
    expect(read(text('Fo'), { event_type: 'error', message: 'Gone.' }).error).toMatchObject({
      message: 'Gone.',
    })
  })

  it('ends with the last record, without waiting for the connection to close', async () => {
    const body = [start, text('Fo'), text('ur'), end('COMPLETE')].map(
      (record) => `${JSON.stringify(record)}\n`,
    )
    const headers = { 'content-type': 'application/stream+json' }
    const fetch = createScriptedFetch({ headers, body, hang: true })
    const message = await streamMessage('https://x.example/', { fetch, dialect: cohereV1 }).finished
    expect(message).toMatchObject({ status: 'done', parts: [{ text: 'Four' }] })
  })
})

it('no record makes it throw, and the deltas always fit', () => {
  const any = fc.jsonValue()
  const record = fc.record(
    {
      event_type: fc.constantFrom('stream-start', 'text-generation', 'tool-calls-generation', 'stream-end'),
      generation_id: any,
      text: any,
      documents: fc.oneof(any, fc.array(fc.record({ id: any, url: any, title: any }))),
      tool_calls: fc.oneof(any, fc.array(fc.record({ name: any, parameters: any }))),
      finish_reason: any,
      response: fc.oneof(any, fc.record({ meta: any })),
    },
    { requiredKeys: [] },
  )
  fc.assert(fc.property(fc.array(record), (records) => void read(...records)))
})
