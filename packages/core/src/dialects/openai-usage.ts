import type { DeltaWriter } from '../types.ts'
import { asNumber, asObject, sum } from './json.ts'
import type { Json } from './json.ts'

/** xAI says what an answer cost in units of which a dollar has so many. */
const TICKS = 1e10

/** What the provider says that the answer cost, in US dollars. */
export const costOf = ({ cost, cost_in_usd_ticks: ticks }: Json): unknown =>
  cost ?? (typeof ticks === 'number' ? ticks / TICKS : undefined)

/** The usage of Chat Completions and of Completions. */
export function readOpenaiUsage(value: unknown): Parameters<DeltaWriter['usage']>[0] {
  const raw = asObject(value)
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = raw
  const prompt = asObject(raw['prompt_tokens_details'])
  const reasoning = asNumber(asObject(raw['completion_tokens_details'])['reasoning_tokens'])
  // xAI counts reasoning apart; the total tells.
  const apart = reasoning && sum(input, output, reasoning) === total ? reasoning : undefined
  return {
    inputTokens: input,
    outputTokens: sum(output, apart),
    totalTokens: total,
    cachedInputTokens: prompt['cached_tokens'] ?? raw['prompt_cache_hit_tokens'],
    cacheWriteTokens: prompt['cache_write_tokens'],
    reasoningTokens: reasoning,
    cost: costOf(raw),
    raw,
  }
}
