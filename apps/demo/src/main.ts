import { join } from 'node:path'
import { readEnvFile } from '@rivulet/relay/node'
import { readConfig } from './config.ts'
import { REPOSITORY } from './folders.ts'
import { runUntilSignal } from './run-until-signal.ts'
import { startDemo } from './start-demo.ts'

await runUntilSignal(async () => {
  for (const problem of readEnvFile(join(REPOSITORY, '.env'))) console.warn(`Warning: ${problem}`)
  return startDemo({ ...readConfig(process.env), env: process.env, log: (line) => console.log(line) })
})
