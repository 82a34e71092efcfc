import { describe, expect, it } from 'vitest'
import { createDeltaWriter } from './delta-writer.ts'
import type { OpenDeltaWriter } from './delta-writer.ts'
import { createMessageBuilder } from './message.ts'
import type { FinishReason, Message, MessageDelta } from './types.ts'

function written(steps: (write: OpenDeltaWriter) => void): { deltas: MessageDelta[]; message: Message } {
  const writer = createDeltaWriter('test')
  steps(writer)
  const deltas = writer.take()
  const builder = createMessageBuilder()
  for (const delta of deltas) builder.apply(delta)
  return { deltas, message: builder.snapshot() }
}

const partsOf = (steps: (write: OpenDeltaWriter) => void): Message['parts'] => written(steps).message.parts

describe('start', () => {
  it('comes first, also where the dialect does not say it', () => {
    const { deltas } = written((write) => write.text('text', 'a'))
    expect(deltas.map(({ type }) => type)).toEqual(['start', 'text-delta'])
    expect(deltas[0]).toEqual({ type: 'start', id: '', model: '', dialect: 'test' })
  })

  it('comes once', () => {
    const { deltas } = written((write) => {
      write.start('a', 'm')
      write.start('b', 'n')
    })
    expect(deltas).toEqual([{ type: 'start', id: 'a', model: 'm', dialect: 'test' }])
  })
})

describe('text', () => {
  it('grows the last part of its kind, and begins a new one after another kind', () => {
    const parts = partsOf((write) => {
      write.text('reasoning', 'Hm')
      write.text('reasoning', 'm')
      write.text('text', 'a')
      write.text('reasoning', 'so')
      write.text('text', 'b')
    })
    expect(parts).toEqual([
      { type: 'reasoning', text: 'Hmm' },
      { type: 'text', text: 'a' },
      { type: 'reasoning', text: 'so' },
      { type: 'text', text: 'b' },
    ])
  })

  it('with a key grows the part of that key, wherever it is', () => {
    const parts = partsOf((write) => {
      write.text('text', 'a', 0)
      write.text('text', 'x', 1)
      write.text('reasoning', 'r', 0)
      write.text('text', 'b', 0)
      write.text('text', 'y', 1)
    })
    expect(parts.map((part) => part.type === 'text' && part.text)).toEqual(['ab', 'xy', false])
  })

  it('goes on after a source, and begins anew after a tool', () => {
    const parts = partsOf((write) => {
      write.text('text', 'a')
      write.source({ url: 'https://a.example/' })
      write.text('text', 'b')
      write.tool(0, 'c', 'f')
      write.text('text', 'c')
    })
    expect(parts.map((part) => (part.type === 'text' ? part.text : part.type))).toEqual([
      'ab',
      'source',
      'tool',
      'c',
    ])
  })

  it.each([[''], [null], [undefined], [7], [{}], [['a']]])('that is %j is none', (delta) => {
    expect(written((write) => write.text('text', delta)).deltas).toEqual([])
  })
})

describe('tools', () => {
  it('begin once a key, grow and end with their input', () => {
    const [part] = partsOf((write) => {
      write.tool('k', 'id', 'f')
      write.tool('k', 'other', 'g')
      write.toolInput('k', '{"a"')
      write.toolInput('k', ':1}')
      write.toolEnd('k')
      write.toolInput('k', 'late')
      write.toolEnd('k')
    })
    expect(part).toEqual({
      type: 'tool',
      toolCallId: 'id',
      toolName: 'f',
      state: 'input-available',
      inputText: '{"a":1}',
      input: { a: 1 },
    })
  })

  it('without an id get one of their own, in every message another', () => {
    const ids = [0, 1].flatMap(() =>
      partsOf((write) => {
        write.tool(0, undefined, 'f')
        write.tool(1, '', 'f')
      }).map((part) => part.type === 'tool' && part.toolCallId),
    )
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^call_\w+$/)
  })

  it('take their input whole, too', () => {
    const [part] = partsOf((write) => {
      write.tool(0, 'a', 'f')
      write.toolEnd(0, { x: 1 })
    })
    expect(part).toMatchObject({ inputText: '{"x":1}', input: { x: 1 } })
  })

  it('without arguments are ready when they were ended, and not when the stream was', () => {
    const parts = partsOf((write) => {
      write.tool(0, 'a', 'f')
      write.toolEnd(0)
      write.tool(1, 'b', 'f')
      write.closeTools()
    })
    expect(parts).toMatchObject([{ input: {} }, { input: '', invalid: true }])
  })

  it('keep what is no JSON as text', () => {
    const [part] = partsOf((write) => {
      write.tool(0, 'a', 'f')
      write.toolInput(0, 'SELECT')
      write.toolEnd(0)
    })
    expect(part).toMatchObject({ input: 'SELECT', invalid: true })
  })

  it('have outputs, by the id of their call', () => {
    const parts = partsOf((write) => {
      write.tool(0, 'a', 'f', true)
      write.tool(1, 'b', 'g')
      write.toolEnd(0)
      write.toolOutput('a', { found: 1 })
      write.toolOutput('b', 'boom', true)
      write.toolOutput('nobody', 1)
    })
    expect(parts).toMatchObject([
      { state: 'output-available', output: { found: 1 }, providerExecuted: true },
      { state: 'output-error', output: 'boom', isError: true },
    ])
  })

  it('that cannot be written as JSON have their input all the same', () => {
    // Which depth is too deep is the engine's to say; a circle always is.
    const input: { self?: unknown } = {}
    input.self = input
    const [part] = partsOf((write) => {
      write.tool(0, 'a', 'f')
      write.toolEnd(0, input)
    })
    expect(part).toMatchObject({ state: 'input-available', inputText: '' })
  })

  it('that are not known are ignored', () => {
    expect(
      written((write) => {
        write.toolInput('x', 'a')
        write.toolEnd('x')
        write.metadata('tool', 'x', { p: {} })
      }).deltas,
    ).toEqual([])
  })
})

describe('sources', () => {
  it('are told once, without what is empty', () => {
    const parts = partsOf((write) => {
      write.source({ url: 'https://a.example/', title: '', snippet: 7 })
      write.source({ url: 'https://a.example/', title: 'A' })
      write.source({ id: 'file-1', title: 'B' })
      write.source({ title: 'nothing' })
    })
    expect(parts).toEqual([
      { type: 'source', source: { url: 'https://a.example/' } },
      { type: 'source', source: { id: 'file-1', title: 'B' } },
    ])
  })
})

describe('files and data', () => {
  it('are parts, and data of the same name and id takes the place of the former', () => {
    const parts = partsOf((write) => {
      write.file('data:image/png;base64,AA==', 'image/png', 'a.png')
      write.file(undefined, 'image/png')
      write.data('weather', 1, 'w')
      write.data('note', 'hidden', undefined, true)
      write.data('weather', 2, 'w')
      write.data('log', 'a')
      write.data('log', 'b')
      write.text('text', 'end')
    })
    expect(parts).toEqual([
      { type: 'file', url: 'data:image/png;base64,AA==', mediaType: 'image/png', filename: 'a.png' },
      { type: 'data', name: 'weather', id: 'w', data: 2 },
      { type: 'data', name: 'log', data: 'a' },
      { type: 'data', name: 'log', data: 'b' },
      { type: 'text', text: 'end' },
    ])
  })
})

describe('metadata', () => {
  it('joins the part that it belongs to, by provider', () => {
    const parts = partsOf((write) => {
      write.text('reasoning', 'Hm')
      write.metadata('reasoning', undefined, { a: { x: 1 } })
      write.metadata('reasoning', undefined, { a: { y: 2 }, b: { z: 3 } })
      write.tool('k', 'id', 'f')
      write.metadata('tool', 'k', { a: { t: 1 } })
    })
    expect(parts).toMatchObject([
      { text: 'Hm', providerMetadata: { a: { x: 1, y: 2 }, b: { z: 3 } } },
      { toolCallId: 'id', providerMetadata: { a: { t: 1 } } },
    ])
  })

  it('begins an empty part where there is none', () => {
    const parts = partsOf((write) => {
      write.text('text', 'a')
      write.metadata('reasoning', 3, { a: { secret: 'x' } })
      write.text('reasoning', 'b', 3)
    })
    expect(parts).toEqual([
      { type: 'text', text: 'a' },
      { type: 'reasoning', text: 'b', providerMetadata: { a: { secret: 'x' } } },
    ])
  })
})

describe('usage', () => {
  it('keeps numbers, and adds up the total', () => {
    const raw = { n: 1 }
    const { message } = written((write) =>
      write.usage({ inputTokens: 3, outputTokens: 4, reasoningTokens: '5', raw }),
    )
    expect(message.usage).toEqual({ inputTokens: 3, outputTokens: 4, totalTokens: 7, raw })
  })

  it('believes a total that is given, and makes none of nothing', () => {
    expect(written((write) => write.usage({ inputTokens: 3, totalTokens: 9, raw: 0 })).message.usage).toEqual(
      {
        inputTokens: 3,
        totalTokens: 9,
        raw: 0,
      },
    )
    expect(written((write) => write.usage({ raw: 0 })).message.usage).toEqual({ raw: 0 })
  })
})

describe('finish', () => {
  const reasons: Record<FinishReason, readonly string[]> = {
    stop: [
      'stop',
      'STOP',
      'end_turn',
      'stop_sequence',
      'completed',
      'COMPLETE',
      'finished',
      'eos_token',
      'success',
    ],
    length: [
      'length',
      'max_tokens',
      'MAX_TOKENS',
      'model_length',
      'max_output_tokens',
      'model_context_window_exceeded',
      'incomplete',
    ],
    'tool-calls': ['tool_calls', 'tool-calls', 'tool_use', 'TOOL_CALL', 'function_call'],
    'content-filter': [
      'content_filter',
      'content-filter',
      'refusal',
      'SAFETY',
      'IMAGE_SAFETY',
      'RECITATION',
      'BLOCKLIST',
      'PROHIBITED_CONTENT',
      'SPII',
      'ERROR_TOXIC',
    ],
    error: [
      'error',
      'ERROR',
      'failed',
      'MALFORMED_FUNCTION_CALL',
      'UNEXPECTED_TOOL_CALL',
      'TOO_MANY_TOOL_CALLS',
      'MISSING_THOUGHT_SIGNATURE',
    ],
    aborted: ['abort', 'cancelled', 'USER_CANCEL'],
    other: ['pause_turn', 'OTHER', 'unknown', 'load', 'FINISH_REASON_UNSPECIFIED'],
  }
  for (const [reason, words] of Object.entries(reasons)) {
    it.each(words)(`of %s is ${reason}`, (raw) => {
      const { message } = written((write) => write.finish(raw))
      expect(message).toMatchObject({ finishReason: reason, rawFinishReason: raw })
      expect(!!message.error).toBe(reason === 'error')
    })
  }

  it('with stop is tool-calls where the caller has calls to answer, not where the server has', () => {
    const finish = (providerExecuted?: boolean): FinishReason | undefined =>
      written((write) => {
        write.tool(0, 'a', 'f', providerExecuted)
        write.finish('STOP')
      }).message.finishReason
    expect(finish()).toBe('tool-calls')
    expect(finish(true)).toBe('stop')
  })

  it('with stop is stop where each call was answered', () => {
    const { message } = written((write) => {
      write.toolOutput(write.tool(0, 'a', 'f'), 1)
      write.finish('stop')
    })
    expect(message.finishReason).toBe('stop')
  })

  it('is given once, and never without a reason', () => {
    const { deltas } = written((write) => {
      write.finish('')
      write.finish(null)
      write.finish('stop')
      write.finish('STOP')
    })
    expect(deltas.slice(1)).toEqual([{ type: 'finish', finishReason: 'stop', rawFinishReason: 'stop' }])
  })

  it('may turn out to be another', () => {
    const { message } = written((write) => {
      write.finish('STOP')
      write.tool(0, 'a', 'f')
      write.finish('STOP')
    })
    expect(message.finishReason).toBe('tool-calls')
  })

  it('ends the calls that are open: ready to run if the model ended itself', () => {
    const input = (raw: string): unknown =>
      partsOf((write) => {
        write.tool(0, 'a', 'f')
        write.finish(raw)
      })[0]
    expect(input('stop')).toMatchObject({ input: {} })
    expect(input('length')).toMatchObject({ input: '', invalid: true })
  })
})

describe('fail', () => {
  it('gives the words and the code of the record, once', () => {
    const { deltas } = written((write) => {
      write.fail({ error: { message: 'boom', code: 'E1' } })
      write.fail({ error: { message: 'again' } })
    })
    expect(deltas.slice(1)).toMatchObject([
      { type: 'error', error: { code: 'provider', message: 'boom', providerCode: 'E1' } },
    ])
  })
})

it('says that nothing follows', () => {
  const writer = createDeltaWriter('test')
  expect(writer.ended).toBe(false)
  writer.end()
  expect(writer.ended).toBe(true)
})
