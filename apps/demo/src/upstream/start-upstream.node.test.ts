import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWERS } from './answers/index.ts'
import { normalizePrompt } from './prompts.ts'
import { DEMO_MODEL, startUpstream, type EmbeddedUpstream } from './start-upstream.ts'

let upstream: EmbeddedUpstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

async function ask(content: string, model = DEMO_MODEL): Promise<Response> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }] })
  const headers = { 'content-type': 'application/json' }
  return fetch(`${upstream.baseUrl}/chat/completions`, { method: 'POST', headers, body })
}

async function textOf(response: Response): Promise<string> {
  const { choices } = (await response.json()) as { choices: [{ message: { content: string } }] }
  return choices[0].message.content
}

describe('the embedded upstream', () => {
  it('lists one model', async () => {
    const response = await fetch(`${upstream.baseUrl}/models`)
    expect(await response.json()).toMatchObject({ data: [{ id: DEMO_MODEL }] })
  })

  it.each(ANSWERS.filter((answer) => !answer.error))('answers “$prompt”', async ({ prompt, text }) => {
    expect(await textOf(await ask(prompt))).toBe(text)
  })

  it.each(ANSWERS.filter((answer) => answer.error))('refuses “$prompt”', async ({ prompt, error }) => {
    const response = await ask(prompt)
    expect(response.status).toBe(error?.status)
    expect(response.headers.get('retry-after')).toBe(error?.retryAfter?.toString() ?? null)
    expect(await response.json()).toMatchObject({ error: { message: error?.message, code: error?.code } })
  })

  it.each([DEMO_MODEL, 'gpt-4o'])(
    'says to anything else that it is a demonstration, as %s',
    async (model) => {
      expect(await textOf(await ask('What is the meaning of life?', model))).toMatch(
        /^I am a demonstration model/,
      )
    },
  )

  it('is not reachable after closing', async () => {
    const other = await startUpstream()
    await other.close()
    await expect(fetch(`${other.baseUrl}/models`)).rejects.toThrow()
  })
})

describe('the answers', () => {
  it('have prompts that differ', () => {
    expect(new Set(ANSWERS.map(({ prompt }) => normalizePrompt(prompt))).size).toBe(ANSWERS.length)
  })
})
