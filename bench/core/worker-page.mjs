import { answer } from './worker.mjs'

addEventListener('message', async ({ data }) => postMessage(await answer(data)))
