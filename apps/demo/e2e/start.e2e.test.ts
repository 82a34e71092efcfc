import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type Locator, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHROMIUM_ARGS } from '../../../scripts/chromium.mjs'
import { startServer, type StartedServer } from './start-server.ts'

let html = ''
let elsewhere: Server
let elsewhereUrl: string
let server: StartedServer
let browser: Browser
let page: Page
let faults: string[]

beforeAll(async () => {
  elsewhere = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(html)
  }).listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  elsewhereUrl = `http://localhost:${(elsewhere.address() as AddressInfo).port}`

  server = await startServer({ RIVULET_ORIGINS: elsewhereUrl })
  const executablePath = process.env['CHROMIUM_PATH']
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_ARGS })
})

afterAll(async () => {
  await browser?.close()
  server?.process.kill('SIGKILL')
  elsewhere?.close()
})

beforeEach(async () => {
  faults = []
  page = await browser.newPage()
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // Chromium reports statuses and broken connections as errors, too; those are what some tests are about.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load'))
      faults.push(message.text())
  })
})

afterEach(async () => {
  await page.close()
  expect(faults).toEqual([])
})

const output = (part: string): Locator => page.locator(`stream-output [part="${part}"]`)
const state = (): Locator => page.locator('#state')

async function text(): Promise<string> {
  return (await output('text').allInnerTexts()).join('')
}

async function open(): Promise<void> {
  await page.goto(server.url)
  await page.locator('.suggestion').first().waitFor()
}

async function suggest(prompt: string): Promise<void> {
  await page.getByRole('button', { name: prompt }).click()
}

async function reach(words: string): Promise<void> {
  await state().filter({ hasText: words }).waitFor()
}

/** Resolves with the text once it is longer than `length`. */
async function longerThan(length: number): Promise<string> {
  await expect.poll(async () => (await text()).length, { timeout: 20_000 }).toBeGreaterThan(length)
  return text()
}

async function overlaps(first: Locator, second: Locator): Promise<boolean> {
  const [a, b] = await Promise.all([first.boundingBox(), second.boundingBox()])
  if (!a || !b) throw new Error('One of them is not shown')
  const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
  return !apart
}

function countRequests(): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.url().endsWith('/v1/chat/completions')) count++
  })
  return () => count
}

describe('the start command', () => {
  it('prints one line with the URL and the upstream', () => {
    expect(server.lines).toEqual([
      `Rivulet is at ${server.url} and asks a demonstration model (rivulet-demo). Ctrl-C ends it.`,
    ])
  })
})

describe('the page', () => {
  beforeEach(open)

  it('says which upstream is in use', async () => {
    expect(await page.locator('#upstream').innerText()).toMatch(/^Demonstration model\. .+OPENAI_API_KEY/)
  })

  it('shows an indicator until the first token, and then a text that grows', async () => {
    await suggest('How did sailors learn to find their longitude?')
    await output('indicator').waitFor({ state: 'visible' })
    expect(await text()).toBe('')

    const first = await longerThan(0)
    expect(await output('indicator').isVisible()).toBe(false)
    const second = await longerThan(first.length)
    const third = await longerThan(second.length)
    expect(third.startsWith(second) && second.startsWith(first)).toBe(true)
    expect(await state().innerText()).toBe('Streaming')
    expect(await page.locator('#first-token').innerText()).toMatch(/^\d+ ms$|^\d\.\d\d s$/)
    expect(await page.locator('#tokens').innerText()).toMatch(/^≈ \d+$/)
    expect(await page.locator('#speed').innerText()).toMatch(/^≈ \d+\.\d$/)
  })

  it('keeps the partial text when it is stopped, says so, and answers the next question to its end', async () => {
    await suggest('How did sailors learn to find their longitude?')
    const before = await longerThan(100)
    await page.getByRole('button', { name: 'Stop' }).click()
    await output('stopped').waitFor({ state: 'visible' })
    expect(await state().innerText()).toBe('Stopped')
    const kept = await text()
    expect(kept.startsWith(before)).toBe(true)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    expect(await text()).toBe(kept)

    await suggest('Why is the sky blue?')
    await reach('Done')
    expect(await text()).toMatch(/^Sunlight is a mixture[^]+what arrives is red\.$/)
    expect(await output('stopped').isVisible()).toBe(false)
    expect(await page.locator('#tokens').innerText()).toBe('108')
    expect(await page.locator('#speed').innerText()).toMatch(/^\d+\.\d$/)
  })

  it('asks with Enter, breaks the line with Shift+Enter, and waits while an input method composes', async () => {
    const requests = countRequests()
    const prompt = page.getByRole('textbox', { name: 'Your question' })
    await prompt.fill('Something')
    await prompt.dispatchEvent('keydown', {
      key: 'Enter',
      isComposing: true,
      bubbles: true,
      cancelable: true,
    })
    await prompt.press('Shift+Enter')
    await prompt.pressSequentially('else')
    expect(await prompt.inputValue()).toBe('Something\nelse')
    expect(requests()).toBe(0)

    await prompt.press('Enter')
    expect(await prompt.inputValue()).toBe('')
    expect(await page.locator('#question').innerText()).toBe('Something\nelse')
    await reach('Done')
    expect(requests()).toBe(1)
    expect(await text()).toMatch(/^I am a demonstration model/)
  })

  it('sends nothing for an empty prompt', async () => {
    const requests = countRequests()
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    expect(await page.getByRole('textbox').evaluate((box) => box === document.activeElement)).toBe(true)
    expect(requests()).toBe(0)
  })

  it('stops with Escape', async () => {
    await suggest('Take your time: what is patience?')
    await reach('Waiting')
    await page.keyboard.press('Escape')
    await reach('Stopped')
  })

  it('waits out a rate limit and asks again by itself', async () => {
    const requests = countRequests()
    await suggest('Ask faster than the provider allows')
    await reach('Done')
    expect(requests()).toBe(2)
    expect(await output('error').isVisible()).toBe(false)
    expect(await text()).toMatch(/^There, that went through\./)
  })

  it('says in words what went wrong, and asks again when it is told to', async () => {
    const requests = countRequests()
    await suggest('Answer as if my key had been refused')
    await output('error').waitFor({ state: 'visible' })
    expect(await state().innerText()).toBe('Failed')
    expect(await output('error').innerText()).toMatch(/refused access[^]+401/)
    expect(requests()).toBe(1)

    await page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(requests).toBe(2)
    await output('error').waitFor({ state: 'visible' })
  })

  it('keeps what arrived when the answer breaks off, and does not call it finished', async () => {
    await page.setViewportSize({ width: 390, height: 600 })
    const requests = countRequests()
    await suggest('Tell me a story that breaks off in the middle')
    await output('error').waitFor({ state: 'visible' })
    expect(await state().innerText()).toBe('Failed')
    expect(await output('error').innerText()).toMatch(/broke off/)
    expect(await text()).toMatch(/^The ferry had stopped[^]+I was beginning to think/)
    expect(requests()).toBe(1)

    // Nothing covers the button.
    const onTop = (button: Element): string | undefined => {
      const { x, y, width, height } = button.getBoundingClientRect()
      return document.elementFromPoint(x + width / 2, y + height / 2)?.localName
    }
    await expect.poll(() => output('retry').evaluate(onTop)).toBe('stream-output')
  })

  it('follows the end while the reader is there, and leaves a reader who has scrolled away alone', async () => {
    await page.setViewportSize({ width: 390, height: 500 })
    const toEnd = page.getByRole('button', { name: 'Jump to the end' })
    const scrolled = (): Promise<number> => page.evaluate(() => document.documentElement.scrollTop)
    await suggest('How did sailors learn to find their longitude?')
    await expect.poll(scrolled).toBeGreaterThan(100)
    expect(await toEnd.isVisible()).toBe(false)

    await page.mouse.move(195, 200)
    await page.mouse.wheel(0, -200)
    await toEnd.waitFor({ state: 'visible' })
    expect(await overlaps(toEnd, page.locator('.metrics'))).toBe(false)
    const place = await scrolled()
    await longerThan((await text()).length + 200)
    expect(await scrolled()).toBe(place)

    await toEnd.click()
    await expect.poll(scrolled).toBeGreaterThan(place + 200)
    expect(await toEnd.isVisible()).toBe(false)
  })

  it('follows the answer to a prompt that is longer than the window', async () => {
    await page.setViewportSize({ width: 390, height: 500 })
    await page.evaluate(() => scrollTo(0, 100))
    await page.getByRole('textbox').fill('A long question\n'.repeat(60))
    await page.keyboard.press('Enter')
    const inSight = (): Promise<boolean> =>
      page.evaluate(() => {
        const { scrollHeight, clientHeight, scrollTop } = document.documentElement
        return scrollTop > 0 && scrollHeight - clientHeight - scrollTop < 2
      })
    await longerThan(40)
    await expect.poll(inSight).toBe(true)
    expect(await page.getByRole('button', { name: 'Jump to the end' }).isVisible()).toBe(false)
  })

  it('shows reasoning and tool calls', async () => {
    await suggest('How often do the hands of a clock meet in a day?')
    await output('reasoning').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await suggest('Do I need an umbrella in Lisbon tomorrow?')
    await reach('Done')
    expect(await output('tool').innerText()).toMatch(/get_forecast[^]+Lisbon, Portugal/)
  })
})

describe('a page served by anything else', () => {
  it('streams with the snippet that the demo shows', async () => {
    await open()
    html = `<!doctype html><title>Elsewhere</title>${await page.locator('#snippet').innerText()}`
    await page.goto(elsewhereUrl)
    const first = await longerThan(0)
    const second = await longerThan(first.length)
    expect(second.startsWith(first) && first.startsWith('Sun')).toBe(true)
  })

  it('is refused when its origin is not allowed', async () => {
    await open()
    html = `<!doctype html><title>Elsewhere</title>${await page.locator('#snippet').innerText()}`
    await page.goto(elsewhereUrl.replace('localhost', '127.0.0.1'))
    await output('error').waitFor({ state: 'visible' })
    expect(await text()).toBe('')
    // The browser says why on its console; the page is told no more than that it was refused.
    expect(faults.splice(0).join()).toMatch(/CORS policy/)
  })
})

describe('Ctrl-C', () => {
  it('ends everything in the middle of an answer, with exit code 0', async () => {
    const ending = await startServer()
    await page.goto(ending.url)
    await suggest('How did sailors learn to find their longitude?')
    await longerThan(0)
    expect(await ending.interrupt()).toBe(0)
    await output('error').waitFor({ state: 'visible' })
    await expect(fetch(ending.url)).rejects.toThrow()
    expect(ending.lines).toHaveLength(1)
  })

  it('is not needed when the port is taken: the server says so and ends', async () => {
    const { port } = new URL(server.url)
    await expect(startServer({ PORT: port })).rejects.toThrow(
      new RegExp(`ended with 1: Port ${port} .+ is in use\\. Choose another port, .+PORT=\\d+.+\\.$`),
    )
  })
})
