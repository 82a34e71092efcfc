import type { ChatCompletionRequest, Fixture } from '@copilotkit/aimock'
import { describe, expect, it } from 'vitest'
import type { Answer } from './answer.ts'
import { toFixture } from './fixtures.ts'

const answer: Answer = { prompt: 'Why is the sky blue?', shows: 'Short', text: 'Because air scatters.' }

function ask(content: string): ChatCompletionRequest {
  return { model: 'any', messages: [{ role: 'user', content }] }
}

function respond(fixture: Fixture, request = ask(answer.prompt)): unknown {
  return typeof fixture.response === 'function' ? fixture.response(request) : fixture.response
}

describe('toFixture', () => {
  it.each(['Why is the sky blue?', '  why is\nthe SKY blue', 'Why is the sky blue …'])(
    'matches %j',
    (prompt) => {
      expect(toFixture(answer).match.predicate?.(ask(prompt))).toBe(true)
    },
  )

  it.each(['Why is the sky', 'Why is the sky blue? And the sea?', ''])('does not match %j', (prompt) => {
    expect(toFixture(answer).match.predicate?.(ask(prompt))).toBe(false)
  })

  it('goes by the last message of the user', () => {
    const { messages } = ask('Something else')
    const request = {
      model: 'any',
      messages: [
        ...messages,
        { role: 'assistant' as const, content: answer.prompt },
        ...ask(answer.prompt).messages,
      ],
    }
    expect(toFixture(answer).match.predicate?.(request)).toBe(true)
    expect(toFixture(answer).match.predicate?.({ ...request, messages: request.messages.slice(0, 2) })).toBe(
      false,
    )
  })

  it('counts one token for each piece, with the reasoning and the calls', () => {
    const toolCalls = [{ name: 'look', input: { at: 'x' } }]
    const whole = { ...answer, text: '1234', reasoning: '12345678', toolCalls, pace: { unitsPerPiece: 2 } }
    expect(respond(toFixture(whole), ask('12345678'))).toMatchObject({
      content: '1234',
      reasoning: '12345678',
      toolCalls: [{ name: 'look', arguments: '{"at":"x"}' }],
      finishReason: 'tool_calls',
      usage: { prompt_tokens: 2, completion_tokens: 2 + 4 + 7, total_tokens: 2 + 13 },
    })
  })

  it('breaks off after the text and before its end', () => {
    expect(toFixture({ ...answer, text: '123456789', breaksOff: true }).truncateAfterChunks).toBe(1 + 3)
    expect(toFixture(answer)).not.toHaveProperty('truncateAfterChunks')
  })

  it('refuses always, or every other time', () => {
    const error = { status: 429, message: 'Slow down.', type: 'requests', code: 'rate_limit', retryAfter: 2 }
    const refused = { status: 429, retryAfter: 2, error: { message: 'Slow down.', code: 'rate_limit' } }

    const always = toFixture({ ...answer, error })
    expect(respond(always)).toMatchObject(refused)
    expect(respond(always)).toMatchObject(refused)

    const sometimes = toFixture({ ...answer, error: { ...error, everyOther: true } })
    expect(respond(sometimes)).toMatchObject(refused)
    expect(respond(sometimes)).toMatchObject({ content: answer.text })
    expect(respond(sometimes)).toMatchObject(refused)
  })
})
