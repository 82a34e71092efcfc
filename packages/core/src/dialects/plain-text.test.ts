import { createScriptedFetch } from '@rivulet/testkit'
import { describe, expect, it } from 'vitest'
import { messageText } from '../message.ts'
import { streamMessage } from '../stream-message.ts'
import type { Message, MessageStream } from '../types.ts'

function ask(body: string | readonly (string | Error)[], type = 'text/event-stream'): MessageStream {
  return streamMessage('https://x.example/', {
    fetch: createScriptedFetch({
      headers: { 'content-type': type },
      body: typeof body === 'string' ? [body] : [...body],
    }),
  })
}

const read = (body: string, type?: string): Promise<Message> => ask(body, type).finished

describe('over an event stream', () => {
  it('each event is some words, without a format of theirs', async () => {
    const message = await read('data: Hello\n\ndata:  wor\n\ndata: ld.\n\ndata: [DONE]\n\n')
    expect(message).toMatchObject({ status: 'done', parts: [{ type: 'text', text: 'Hello world.' }] })
  })

  it('data of several lines has line ends', async () => {
    expect(messageText(await read('data: a\ndata: b\n\ndata:\ndata:\n\ndata: c\n\n'))).toBe('a\nb\nc')
  })

  it('each event may be a JSON string', async () => {
    const message = await read('data: "Hel"\n\ndata: "lo\\n"\n\ndata: "\\"x\\""\n\ndata: [DONE]\n\n')
    expect(messageText(message)).toBe('Hello\n"x"')
  })

  it('words in quotes among others stay in quotes', async () => {
    expect(messageText(await read('data: He said\n\ndata: "no"\n\n'))).toBe('He said"no"')
  })

  it.each(['7', 'true', '1.5e3'])('words that are JSON by chance are words: %s', async (word) => {
    expect(messageText(await read(`data: ${word}\n\ndata:  dwarfs\n\n`))).toBe(`${word} dwarfs`)
    expect(messageText(await read(`data: ${word}\n\n`))).toBe(word)
    expect(messageText(await read(`data: So \n\ndata: ${word}\n\n`))).toBe(`So ${word}`)
  })

  it('null alone is nothing, as from a server of JSON', async () => {
    await expect(read('data: null\n\n')).rejects.toMatchObject({ code: 'incomplete' })
  })

  it('a string that is cut is not shown', async () => {
    expect(messageText(await read('data: "Hello"\n\ndata: " wor'))).toBe('Hello')
  })

  it('a brace is a word, too', async () => {
    expect(messageText(await read('data: {\n\ndata: x\n\n'))).toBe('{x')
  })

  it.each(['done', 'end', 'finish'])('an event %s ends it', async (type) => {
    const stream = ask(['event: output\ndata: Hi\n\n', `event: ${type}\ndata: {}\n\n`, 'data: never\n\n'])
    expect(await stream.finished).toMatchObject({ finishReason: 'stop', parts: [{ text: 'Hi' }] })
  })

  it('Replicate: the last event says how it went', async () => {
    await expect(
      read('event: output\ndata: Hi\n\nevent: done\ndata: {"reason":"error"}\n\n'),
    ).rejects.toMatchObject({ code: 'provider' })
    expect(
      await read('event: output\ndata: Hi\n\nevent: done\ndata: {"reason":"canceled"}\n\n'),
    ).toMatchObject({
      status: 'aborted',
      finishReason: 'aborted',
    })
  })

  it('an event error is one', async () => {
    const stream = ask('data: par\n\nevent: error\ndata: {"detail":"out of memory"}\n\n')
    await expect(stream.finished).rejects.toMatchObject({ code: 'provider', message: 'out of memory' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'par' }] })
    await expect(read('data: x\n\nevent: error\ndata: boom\n\n')).rejects.toMatchObject({ message: 'boom' })
  })

  it('pings are no words', async () => {
    expect(messageText(await read('data: a\n\nevent: ping\ndata: 1\n\ndata: b\n\n'))).toBe('ab')
  })

  it('that breaks is not finished', async () => {
    const stream = ask(['data: par\n\n', new TypeError('reset')])
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(messageText(stream.message)).toBe('par')
  })
})

describe('text/plain', () => {
  const type = 'text/plain; charset=utf-8'

  it('is the answer as it is', async () => {
    const text = 'Grüße 🙂\n\n{"not": "JSON"}\n[DONE]\n'
    expect(messageText(await read(text, type))).toBe(text)
  })

  it('a chunk is a delta', async () => {
    const deltas: string[] = []
    for await (const delta of ask(['Hello ', 'world'], type)) if ('delta' in delta) deltas.push(delta.delta)
    expect(deltas).toEqual(['Hello ', 'world'])
  })

  it('that is JSON is JSON text', async () => {
    expect(messageText(await read('{"a":[1,2]}', type))).toBe('{"a":[1,2]}')
  })

  it('that is an event stream is read as one', async () => {
    const chunk = '{"choices":[{"index":0,"delta":{"content":"é"},"finish_reason":"stop"}]}'
    expect(messageText(await read(`data: ${chunk}\n\ndata: [DONE]\n\n`, type))).toBe('é')
  })

  it('that breaks is not finished', async () => {
    const stream = ask(['par', new TypeError('reset')], type)
    await expect(stream.finished).rejects.toMatchObject({ code: 'incomplete' })
    expect(stream.message).toMatchObject({ status: 'error', parts: [{ text: 'par' }] })
  })

  it('that ends in half a character ends before it', async () => {
    const fetch = createScriptedFetch({
      headers: { 'content-type': type },
      body: [new TextEncoder().encode('Hello wörl🙂').slice(0, -1)],
    })
    expect(messageText(await streamMessage('https://x.example/', { fetch }).finished)).toBe('Hello wörl')
  })

  it('that is empty is no answer', async () => {
    await expect(read('', type)).rejects.toMatchObject({ code: 'incomplete', message: /nothing/ })
  })
})
