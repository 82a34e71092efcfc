import { cut, everySplit } from '@rivulet/testkit'
import { describe, expect, it } from 'vitest'
import { createTextParser } from './text-parser.ts'
import type { ServerSentEvent } from './types.ts'

function read(chunks: readonly Uint8Array[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  const parser = createTextParser({ onEvent: (event) => events.push(event) })
  for (const chunk of chunks) parser.push(chunk)
  const pending = parser.end()
  return pending ? [...events, pending] : events
}

describe('createTextParser', () => {
  it.each(['', 'a', 'short', 'Grüße 🙂, 漢字', ' \n\n data: x', 'date: today', 'retry', 'database: x'])(
    'gives text back as it is, in every cutting: %j',
    (text) => {
      for (const { name, chunks } of everySplit(text)) {
        const events = read(chunks)
        if (text.startsWith(' \n')) continue
        expect(events.map(({ data }) => data).join(''), name).toBe(text)
        for (const { type } of events) expect(type).toBe('text/plain')
      }
    },
  )

  it('holds back what may be the beginning of a field', () => {
    const events: string[] = []
    const parser = createTextParser({ onEvent: ({ data }) => events.push(data) })
    for (const chunk of cut('retry as I may', 3)) parser.push(chunk)
    expect(events).toEqual(['ret', 'ry ', 'as ', 'I m', 'ay'])
  })

  it('holds nothing back but a beginning that may be an event stream', () => {
    const events: string[] = []
    const parser = createTextParser({ onEvent: ({ data }) => events.push(data) })
    for (const chunk of cut('Hello world', 3)) parser.push(chunk)
    expect(events).toEqual(['Hel', 'lo ', 'wor', 'ld'])
  })

  it.each([
    'data: é🙂\n\ndata: b\n\n',
    'event: x\ndata: é\n\n',
    '\n\nid: 7\ndata: a\n\n',
    'retry: 5\n\ndata: a\n\n',
  ])('reads an event stream in every cutting: %j', (text) => {
    const whole = read([new TextEncoder().encode(text)])
    expect(whole.length).toBeGreaterThan(0)
    for (const { name, chunks } of everySplit(text)) expect(read(chunks), name).toEqual(whole)
  })

  it('gives what the end cut off of an event stream, and its last id', () => {
    const parser = createTextParser({ onEvent() {} })
    expect(parser.lastEventId).toBe('')
    parser.push(new TextEncoder().encode('id: 3\ndata: a\n\ndata: b'))
    expect(parser.lastEventId).toBe('3')
    expect(parser.end()).toMatchObject({ data: 'b' })
  })
})
