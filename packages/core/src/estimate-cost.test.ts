import { describe, expect, it } from 'vitest'
import { estimateCost } from './estimate-cost.ts'
import type { Rates } from './estimate-cost.ts'
import type { Usage } from './types.ts'

const usage = (counts: Omit<Usage, 'raw'>): Usage => ({ ...counts, raw: undefined })

/** US dollars for a million tokens, as published by the providers in 2025. */
const GPT_4_1: Rates = { input: 2, output: 8 }
const CLAUDE_SONNET_4_5: Rates = { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 }
const GEMINI_2_5_FLASH: Rates = { input: 0.3, output: 2.5 }
const DEEPSEEK_V3_2: Rates = { input: 0.23, output: 0.34 }

describe('estimateCost', () => {
  it.each<[string, Rates, Omit<Usage, 'raw'>, number]>([
    ['gpt-4.1: 1,000 in, 100 out', GPT_4_1, { inputTokens: 1000, outputTokens: 100 }, 0.0028],
    ['gpt-4.1: a million of each', GPT_4_1, { inputTokens: 1e6, outputTokens: 1e6 }, 10],
    [
      'claude-sonnet-4.5: 10,000 in, of which 8,000 cached and 1,000 written, 500 out',
      CLAUDE_SONNET_4_5,
      { inputTokens: 10_000, cachedInputTokens: 8000, cacheWriteTokens: 1000, outputTokens: 500 },
      // 1,000 × 3 + 8,000 × 0.3 + 1,000 × 3.75 + 500 × 15
      0.01665,
    ],
    [
      'gemini-2.5-flash: reasoning is output',
      GEMINI_2_5_FLASH,
      { inputTokens: 200, outputTokens: 1200, reasoningTokens: 1000 },
      0.00306,
    ],
    ['deepseek-v3.2', DEEPSEEK_V3_2, { inputTokens: 100_000, outputTokens: 10_000 }, 0.0264],
    ['nothing', GPT_4_1, { inputTokens: 0, outputTokens: 0 }, 0],
  ])('%s', (_, rates, counts, cost) => {
    const estimate = estimateCost(usage(counts), rates)
    expect(estimate?.cost).toBeCloseTo(cost, 12)
    expect(estimate?.estimated).toBe(true)
  })

  it('prices cached input and reasoning as the rest where they have no rate', () => {
    const counts = { inputTokens: 1000, cachedInputTokens: 600, cacheWriteTokens: 300, outputTokens: 100 }
    expect(estimateCost(usage({ ...counts, reasoningTokens: 50 }), GPT_4_1)?.cost).toBeCloseTo(0.0028, 12)
  })

  it('prices reasoning once, at its own rate', () => {
    const counts = usage({ inputTokens: 0, outputTokens: 1000, reasoningTokens: 400 })
    expect(estimateCost(counts, { input: 0, output: 10, reasoning: 5 })?.cost).toBeCloseTo(0.008, 12)
  })

  it('does not round', () => {
    expect(estimateCost(usage({ inputTokens: 1, outputTokens: 0 }), { input: 0.01, output: 0 })?.cost).toBe(
      1e-8,
    )
  })

  it('takes the provider’s own figure first, also if it is nothing', () => {
    const counts = { inputTokens: 1000, outputTokens: 100 }
    expect(estimateCost(usage({ ...counts, cost: 0.5 }), GPT_4_1)).toEqual({ cost: 0.5, estimated: false })
    expect(estimateCost(usage({ ...counts, cost: 0 }), GPT_4_1)).toEqual({ cost: 0, estimated: false })
    expect(estimateCost(usage({ cost: 0.5 }))).toEqual({ cost: 0.5, estimated: false })
    expect(estimateCost(usage({ ...counts, cost: NaN }), GPT_4_1)?.estimated).toBe(true)
  })

  it.each<[string, Usage | undefined, Rates | undefined]>([
    ['there is no usage', undefined, GPT_4_1],
    ['there are no rates', usage({ inputTokens: 1, outputTokens: 1 }), undefined],
    ['the input is not counted', usage({ outputTokens: 1, totalTokens: 2 }), GPT_4_1],
    ['the output is not counted', usage({ inputTokens: 1, totalTokens: 2 }), GPT_4_1],
    ['a count is not a number', usage({ inputTokens: NaN, outputTokens: 1 }), GPT_4_1],
    ['a part is not a number', usage({ inputTokens: 1, outputTokens: 1, cachedInputTokens: NaN }), GPT_4_1],
    ['a count has no end', usage({ inputTokens: 1, outputTokens: Infinity }), GPT_4_1],
    ['a count is below nothing', usage({ inputTokens: -5, outputTokens: 1 }), GPT_4_1],
    ['a rate is not a number', usage({ inputTokens: 1, outputTokens: 1 }), { input: NaN, output: 1 }],
  ])('is undefined if %s', (_, counts, rates) => {
    expect(estimateCost(counts, rates)).toBeUndefined()
  })

  it('holds by the totals where the parts exceed them', () => {
    const counts = { inputTokens: 1000, cachedInputTokens: 5000, cacheWriteTokens: 100, outputTokens: 100 }
    expect(estimateCost(usage({ ...counts, reasoningTokens: 900 }), CLAUDE_SONNET_4_5)?.cost).toBeCloseTo(
      0.0018,
      12,
    )
  })
})
