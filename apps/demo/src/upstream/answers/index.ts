import type { Answer } from '../answer.ts'
import { breaksOff } from './breaks-off.ts'
import { code } from './code.ts'
import { list } from './list.ts'
import { long } from './long.ts'
import { rateLimit } from './rate-limit.ts'
import { reasoning } from './reasoning.ts'
import { refusedKey } from './refused-key.ts'
import { scripts } from './scripts.ts'
import { short } from './short.ts'
import { slow } from './slow.ts'
import { table } from './table.ts'
import { toolCall } from './tool-call.ts'

/** All prepared answers, in the order in which the page suggests them. */
export const ANSWERS: readonly Answer[] = [
  short,
  long,
  code,
  list,
  table,
  reasoning,
  toolCall,
  scripts,
  slow,
  breaksOff,
  rateLimit,
  refusedKey,
]
