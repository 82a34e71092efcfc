import { parentPort } from 'node:worker_threads'
import { answer } from './worker.mjs'

parentPort.on('message', async (message) => parentPort.postMessage(await answer(message)))
