import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHROMIUM_ARGS } from '../../../scripts/chromium.mjs'
import { startServer, type StartedServer } from './start-server.ts'

const KEY = 'sk-the-key-of-the-server'

let browser: Browser
let page: Page
let provider: Server
let providerUrl: string
let server: StartedServer | undefined
let finishReason: string | null
let asked: { path: string; authorization: string | undefined; body: string }[]

const chunk = (content: string, reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: reason }] })}\n\n`

/** A provider with two models that refuses any key but ours. */
async function note(request: IncomingMessage): Promise<boolean> {
  const { url: path = '', headers } = request
  asked.push({ path, authorization: headers.authorization, body: await text(request) })
  return headers.authorization === `Bearer ${KEY}`
}

beforeAll(async () => {
  provider = createServer(async (request, response) => {
    if (!(await note(request))) {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } }),
      )
    } else if (request.url === '/v1/models') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ data: [{ id: 'first-model' }, { id: 'second-model' }] }))
    } else {
      response.setHeader('content-type', 'text/event-stream')
      response.end(`${chunk('A real')}${chunk(' answer.', finishReason)}data: [DONE]\n\n`)
    }
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`
  const executablePath = process.env['CHROMIUM_PATH']
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_ARGS })
})

afterAll(async () => {
  await browser?.close()
  provider?.close()
})

beforeEach(async () => {
  asked = []
  finishReason = null
  page = await browser.newPage()
})

afterEach(async () => {
  await page.close()
  await server?.interrupt()
})

describe('a provider in the environment', () => {
  it('answers in place of the demonstration model, with the model that was chosen', async () => {
    server = await startServer({ OPENAI_BASE_URL: providerUrl, OPENAI_API_KEY: KEY })
    const { host } = new URL(providerUrl)
    expect(server.lines).toEqual([
      `Rivulet is at ${server.url} and asks ${host} (first-model). Ctrl-C ends it.`,
    ])
    await page.goto(server.url)
    await page.getByRole('combobox', { name: 'Model' }).selectOption('second-model')
    expect(await page.locator('#upstream').innerText()).toContain(host)
    expect(await page.locator('.problem').innerText()).toBe('')

    await page.getByRole('textbox', { name: 'Your question' }).fill('Hello?')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.locator('#state').filter({ hasText: 'Done' }).waitFor()
    expect(await page.locator('stream-output [part="text"]').innerText()).toBe('A real answer.')

    const { path, authorization, body } = asked.at(-1) ?? {}
    expect({ path, authorization }).toEqual({ path: '/v1/chat/completions', authorization: `Bearer ${KEY}` })
    expect(JSON.parse(body ?? '')).toMatchObject({
      model: 'second-model',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Hello?' }],
    })
    expect(await page.content()).not.toContain(KEY)
  })

  it('that cuts an answer off is not said to be done', async () => {
    server = await startServer({ OPENAI_BASE_URL: providerUrl, OPENAI_API_KEY: KEY })
    await page.goto(server.url)
    await page.getByRole('textbox', { name: 'Your question' }).fill('Be brief')
    finishReason = 'length'
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.locator('.page[data-status="done"]').waitFor()
    expect(await page.locator('#state').innerText()).toBe('Cut off')
  })

  it('that refuses the key is named on the terminal and on the page, without the key', async () => {
    const wrong = 'sk-not-the-right-one'
    server = await startServer({ OPENAI_BASE_URL: providerUrl, OPENAI_API_KEY: wrong })
    const words = `${new URL(providerUrl).host} refused the key (401). Check OPENAI_API_KEY.`
    await expect.poll(() => server?.lines.at(1)).toBe(`Warning: ${words}`)
    await page.goto(server.url)
    await page.locator('.problem').filter({ hasText: words }).waitFor()

    await page.getByRole('button', { name: 'Why is the sky blue?' }).click()
    await page.locator('stream-output [part="error"]').waitFor({ state: 'visible' })
    expect(await page.locator('stream-output [part="error"]').innerText()).toMatch(/refused access[^]+401/)
    expect(`${server.lines.join()}${await page.content()}`).not.toContain(wrong)
  })
})
