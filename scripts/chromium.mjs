// Finds the Chromium that the browser tests run in, and installs one when there is none.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
]
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** The command that mends a missing browser; tests print it when they fail for want of one. */
export const HOW_TO_GET_CHROMIUM =
  'Install Chromium or Chrome (Debian: apt-get install chromium; else: npx -y pnpm@10 exec playwright install chromium), or set CHROMIUM_PATH to its executable.'

/** What a headless Chromium needs to run as root, in a container, without looking for the network. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

async function playwrightsOwn() {
  const { chromium } = await import('playwright')
  const path = chromium.executablePath()
  return path && existsSync(path) ? path : undefined
}

/** The path of a Chromium on this machine: CHROMIUM_PATH, else an installed one, else Playwright's. */
export async function findChromium() {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) {
    if (existsSync(chosen)) return chosen
    throw new Error(`CHROMIUM_PATH is ${chosen}, but there is no such file. ${HOW_TO_GET_CHROMIUM}`)
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name)
      if (folder && existsSync(path)) return path
    }
  }
  return PLACES.find((path) => existsSync(path)) ?? (await playwrightsOwn())
}

function run(command, args) {
  console.log(`  $ ${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

/** As findChromium, but installs one when none is found, and says what it is doing. */
export async function ensureChromium() {
  const found = await findChromium()
  if (found) return found
  console.log(
    'The browser tests need a Chromium and none was found. Installing one, once; this takes a minute or two.',
  )
  const debianRoot =
    process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (debianRoot) {
    process.env.DEBIAN_FRONTEND = 'noninteractive'
    const fonts = ['fonts-liberation', 'fonts-noto-cjk', 'fonts-noto-color-emoji']
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', ...fonts])
  } else {
    run(process.execPath, [join('node_modules', 'playwright', 'cli.js'), 'install', 'chromium'])
  }
  const installed = await findChromium()
  if (!installed) throw new Error(`Chromium could not be installed. ${HOW_TO_GET_CHROMIUM}`)
  console.log(
    `Chromium is at ${installed}: ${execFileSync(installed, ['--version'], { encoding: 'utf8' }).trim()}`,
  )
  return installed
}
