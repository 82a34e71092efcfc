import { afterEach, describe, expect, it, vi } from 'vitest'
import { estimateCostByModel } from './prices.ts'
import type { Usage } from './types.ts'

const usage = (counts: Omit<Usage, 'raw'>): Usage => ({ ...counts, raw: undefined })
const COUNTS = { inputTokens: 1000, outputTokens: 100 }

describe('estimateCostByModel, by the list of @pydantic/genai-prices', () => {
  it.each<[string, string | undefined, Omit<Usage, 'raw'>, number]>([
    ['gpt-4.1', undefined, COUNTS, 0.0028],
    ['gpt-4.1-2025-04-14', 'openai', { ...COUNTS, cachedInputTokens: 400 }, 0.0022],
    [
      'claude-sonnet-4-5-20250929',
      'anthropic',
      { ...COUNTS, cachedInputTokens: 400, cacheWriteTokens: 300 },
      // 300 × 3 + 400 × 0.3 + 300 × 3.75 + 100 × 15
      0.003645,
    ],
    ['anthropic/claude-sonnet-4.5', 'openrouter', COUNTS, 0.0045],
    ['gemini-2.5-flash', 'google', { ...COUNTS, reasoningTokens: 50 }, 0.00055],
    ['gemini-2.5-pro', 'google', COUNTS, 0.00225],
    // The tier above 200,000 tokens: 2.5 and 15.
    ['gemini-2.5-pro', 'google', { inputTokens: 300_000, outputTokens: 100 }, 0.7515],
    // Reasoning has a price of its own: 500 × 8 + 500 × 3.
    [
      'sonar-deep-research',
      'perplexity',
      { inputTokens: 0, outputTokens: 1000, reasoningTokens: 500 },
      0.0055,
    ],
    // With a fee of 0.014 for the request.
    ['sonar-pro', 'perplexity', { inputTokens: 100, outputTokens: 1 }, 0.014315],
    // Counts that do not add up.
    ['gpt-4.1', 'openai', { ...COUNTS, cachedInputTokens: 4000, reasoningTokens: 900 }, 0.0013],
  ])('%s of %s', async (model, provider, counts, cost) => {
    const estimate = await estimateCostByModel(usage(counts), model, { provider })
    expect(estimate?.cost).toBeCloseTo(cost, 12)
    expect(estimate?.estimated).toBe(true)
  })

  it.each<[string, string | undefined, string | undefined]>([
    ['no model', undefined, undefined],
    ['a model that is not listed', 'llama3.2:latest', undefined],
    ['a provider that is not listed', 'gpt-4.1', 'nobody'],
    ['a model without prices for tokens', 'whisper-1', 'openai'],
  ])('is undefined for %s', async (_, model, provider) => {
    expect(await estimateCostByModel(usage(COUNTS), model, { provider })).toBeUndefined()
  })

  it('is undefined if counts are missing', async () => {
    expect(await estimateCostByModel(undefined, 'gpt-4.1')).toBeUndefined()
    expect(await estimateCostByModel(usage({ inputTokens: 1000 }), 'gpt-4.1')).toBeUndefined()
    expect(await estimateCostByModel(usage({ outputTokens: 100 }), 'gpt-4.1')).toBeUndefined()
  })
})

describe('without the package', () => {
  afterEach(() => {
    vi.doUnmock('@pydantic/genai-prices')
    vi.resetModules()
  })

  async function withoutPackage(): Promise<typeof estimateCostByModel> {
    vi.resetModules()
    vi.doMock('@pydantic/genai-prices', () => {
      throw new Error('Cannot find package')
    })
    return (await import('./prices.ts')).estimateCostByModel
  }

  it('says how to install it', async () => {
    const estimate = await withoutPackage()
    await expect(estimate(usage(COUNTS), 'gpt-4.1')).rejects.toThrow('npm install @pydantic/genai-prices')
  })

  it('still gives the provider’s own figure', async () => {
    const estimate = await withoutPackage()
    expect(await estimate(usage({ ...COUNTS, cost: 0.5 }), 'gpt-4.1')).toEqual({
      cost: 0.5,
      estimated: false,
    })
  })
})
