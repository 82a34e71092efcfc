import { createScriptedFetch, everySplit } from '@rivulet/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from '../delta-writer.ts'
import { createMessageBuilder, messageText } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message, MessageDelta } from '../types.ts'
import { openaiCompletions } from './openai-completions.ts'

const event = { type: 'message', data: '', lastEventId: '' }

function read(...records: readonly unknown[]): { message: Message; deltas: MessageDelta[] } {
  const writer = createDeltaWriter(openaiCompletions.name)
  const reader = openaiCompletions.open(writer)
  for (const record of records) reader.read(record as Record<string, unknown>, event)
  const deltas = writer.take()
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { message: builder.snapshot(), deltas }
}

const chunk = (text: string, finish_reason: string | null = null, index = 0): object => ({
  id: 'cmpl-1',
  object: 'text_completion',
  model: 'tiny',
  choices: [{ index, text, logprobs: null, finish_reason }],
})

describe('OpenAI', () => {
  it('completes a text', () => {
    const { deltas, message } = read(chunk('Fo'), chunk('ur'), chunk('', 'length'))
    expect(deltas[0]).toEqual({ type: 'start', id: 'cmpl-1', model: 'tiny', dialect: 'openai-completions' })
    expect(message).toMatchObject({
      finishReason: 'length',
      rawFinishReason: 'length',
      parts: [{ type: 'text', text: 'Four' }],
    })
  })

  it('of several choices the first is the message', () => {
    const { message } = read(chunk('no', null, 1), chunk('yes'), chunk('', 'length', 1), chunk('', 'stop'))
    expect(message).toMatchObject({ parts: [{ text: 'yes' }], finishReason: 'stop' })
  })

  it('counts tokens in a record without choices', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    const { message } = read(chunk('x', 'stop'), { id: 'cmpl-1', choices: [], usage })
    expect(message.usage).toEqual({ inputTokens: 3, outputTokens: 2, totalTokens: 5, raw: usage })
  })

  it('may answer whole', () => {
    expect(read({ ...chunk('Four', 'stop'), usage: { completion_tokens: 1 } }).message).toMatchObject({
      parts: [{ text: 'Four' }],
      finishReason: 'stop',
      usage: { outputTokens: 1 },
    })
  })

  it('may fail; what was said stays', () => {
    const { message } = read(chunk('Fo'), { error: { message: 'Overloaded', code: 'server_error' } })
    expect(message).toMatchObject({
      parts: [{ text: 'Fo' }],
      error: { message: 'Overloaded', providerCode: 'server_error' },
    })
    expect(message.finishReason).toBeUndefined()
    expect(read({ object: 'error', message: 'No such model', code: 404 }).message.error).toMatchObject({
      message: 'No such model',
    })
  })
})

describe('llama.cpp', () => {
  const piece = (content: string, rest: object = { stop: false }): object => ({ index: 0, content, ...rest })

  it('completes a text and counts at the end', () => {
    const { message } = read(
      piece('Fo'),
      piece('ur'),
      piece('', {
        stop: true,
        model: 'tiny',
        stop_type: 'eos',
        tokens_evaluated: 5,
        tokens_predicted: 2,
        tokens_cached: 6,
      }),
    )
    expect(message).toMatchObject({
      finishReason: 'stop',
      rawFinishReason: 'eos',
      parts: [{ text: 'Four' }],
      usage: { inputTokens: 5, outputTokens: 2, totalTokens: 7, raw: { tokens_cached: 6 } },
    })
    expect(message.usage?.cachedInputTokens).toBeUndefined()
  })

  it.each([
    [{ stop_type: 'eos' }, 'stop'],
    [{ stop_type: 'word' }, 'stop'],
    [{ stop_type: 'limit' }, 'length'],
    [{ stop_type: 'none' }, 'other'],
    [{ stopped_eos: true, stopped_limit: false }, 'stop'],
    [{ stopped_eos: false, stopped_limit: true }, 'length'],
  ])('%j is %s', (reason, finishReason) => {
    expect(read(piece('', { stop: true, ...reason })).message.finishReason).toBe(finishReason)
  })

  it('of several prompts the first is the message', () => {
    expect(messageText(read(piece('no', { index: 1, stop: true }), piece('yes')).message)).toBe('yes')
  })
})

describe('Text Generation Inference', () => {
  const token = (text: string, rest: object = {}): object => ({
    index: 4,
    token: { id: 1, text, logprob: -1, special: false },
    generated_text: null,
    details: null,
    ...rest,
  })

  it('is tokens; the whole text at the end is no more text, nor is a special token', () => {
    const details = { finish_reason: 'eos_token', generated_tokens: 3, input_length: 7 }
    const { message } = read(token('Fo'), token('ur'), {
      token: { id: 2, text: '</s>', special: true },
      generated_text: 'Four',
      details,
    })
    expect(message).toMatchObject({
      parts: [{ text: 'Four' }],
      finishReason: 'stop',
      rawFinishReason: 'eos_token',
      usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10, raw: details },
    })
  })

  it.each([
    [{ finish_reason: 'length' }, 'length'],
    [{ finish_reason: 'stop_sequence' }, 'stop'],
    [null, 'stop'],
  ])('%j is %s', (details, finishReason) => {
    expect(read(token('x', { generated_text: 'x', details })).message.finishReason).toBe(finishReason)
  })

  it('may answer whole', () => {
    expect(read({ generated_text: 'Four' }).message).toMatchObject({
      parts: [{ text: 'Four' }],
      finishReason: 'stop',
    })
  })

  it('may fail', () => {
    const { message } = read(token('Fo'), { error: 'Request failed', error_type: 'generation' })
    expect(message).toMatchObject({ parts: [{ text: 'Fo' }], error: { message: 'Request failed' } })
  })
})

describe('watsonx', () => {
  const result = (generated_text: string, stop_reason: string, output: number, input = 0): object => ({
    model_id: 'tiny',
    results: [{ generated_text, generated_token_count: output, input_token_count: input, stop_reason }],
  })

  it('counts the prompt once', () => {
    const { message } = read(
      result('', 'NOT_FINISHED', 0, 9),
      result('Fo', 'not_finished', 1),
      result('ur', 'eos_token', 2),
    )
    expect(message).toMatchObject({
      model: 'tiny',
      parts: [{ text: 'Four' }],
      finishReason: 'stop',
      usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 },
    })
  })

  it('has no end while it is not finished', () => {
    expect(read(result('Fo', 'not_finished', 1)).message.finishReason).toBeUndefined()
  })

  it.each([
    ['max_tokens', 'length'],
    ['token_limit', 'length'],
    ['time_limit', 'length'],
    ['stop_sequence', 'stop'],
    ['cancelled', 'aborted'],
    ['error', 'error'],
  ])('%s is %s', (raw, finishReason) => {
    expect(read(result('x', raw, 1)).message.finishReason).toBe(finishReason)
  })
})

describe('over the wire', () => {
  const events = [chunk('Grüße '), chunk('🙂'), chunk('', 'stop')].map(
    (record) => `data: ${JSON.stringify(record)}\n\n`,
  )

  it('is recognised, and the same in every cutting', async () => {
    for (const { name, chunks } of everySplit([...events, 'data: [DONE]\n\n'].join(''))) {
      const fetch = createScriptedFetch({ body: chunks })
      const message = await streamMessage('https://x.example/', { fetch }).finished
      expect(message, name).toMatchObject({ id: 'cmpl-1', status: 'done', parts: [{ text: 'Grüße 🙂' }] })
    }
  })

  it('is incomplete without an end', async () => {
    const fetch = createScriptedFetch({ body: events.slice(0, 2) })
    const stream = streamMessage('https://x.example/', { fetch })
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(messageText(stream.message)).toBe('Grüße 🙂')
  })
})

describe('hostile records', () => {
  it.each([
    {},
    { choices: 7 },
    { choices: [null] },
    { choices: [{ text: {}, finish_reason: { toString: 1 } }] },
    { content: {}, stop: 'yes' },
    { token: 7, generated_text: {} },
    { results: [null, 7] },
    { results: {} },
  ])('are read as empty: %j', (record) => {
    const { message } = read(record)
    expect(message.parts).toEqual([])
    expect(message.finishReason).toBeUndefined()
    expect(message.error).toBeUndefined()
  })

  it('never throw, and their deltas always fit', () => {
    const any = fc.jsonValue()
    const record = fc.record(
      {
        id: any,
        model: any,
        index: fc.oneof(fc.constant(0), any),
        choices: fc.oneof(any, fc.array(fc.record({ text: any, finish_reason: any, index: any }))),
        usage: any,
        content: any,
        stop: fc.oneof(fc.boolean(), any),
        stop_type: any,
        token: fc.oneof(any, fc.record({ text: any, special: any })),
        generated_text: any,
        details: any,
        results: fc.oneof(any, fc.array(fc.record({ generated_text: any, stop_reason: any }))),
      },
      { requiredKeys: [] },
    )
    fc.assert(fc.property(fc.array(record), (records) => void read(...records)))
  })
})
