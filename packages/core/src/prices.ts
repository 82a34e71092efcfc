import { providerCost, splitTokens } from './estimate-cost.ts'
import type { CostEstimate } from './estimate-cost.ts'
import type { Usage } from './types.ts'

export type { CostEstimate } from './estimate-cost.ts'

/** What {@link estimateCostByModel} takes. */
export interface PriceOptions {
  /**
   * Who runs the model, by the name that `@pydantic/genai-prices` has: `openai`, `anthropic`, `google`, `openrouter`.
   * Without it the model's name must tell; the same model may have other prices elsewhere, and none on your own machine.
   */
  readonly provider?: string | undefined
}

/**
 * Says what an answer cost: the provider's own figure (`usage.cost`) if there is one, else an estimate in US dollars by
 * the price list of `@pydantic/genai-prices`, with its tiers, cache prices and fees by the request.
 *
 * The package is an optional peer dependency (about 77 kB compressed) and is imported when it is first needed. Its
 * prices are those of its release; no network is used. Resolves with `undefined` for a model or provider that it
 * does not know, or has no token prices for, and when the counts are missing. Rejects if the package is not installed.
 *
 * Source: {@link https://github.com/pydantic/genai-prices}.
 *
 * @example
 * const { usage, model } = await stream.finished
 * await estimateCostByModel(usage, model, { provider: 'openai' }) // { cost: 0.0028, estimated: true }
 */
export async function estimateCostByModel(
  usage: Usage | undefined,
  model: string | undefined,
  options: PriceOptions = {},
): Promise<CostEstimate | undefined> {
  const own = providerCost(usage)
  const tokens = splitTokens(usage)
  if (own || !tokens || !model) return own
  const { calcPrice } = await import('@pydantic/genai-prices').catch((cause: unknown) => {
    throw new Error('Prices by model need a package: npm install @pydantic/genai-prices', { cause })
  })
  const { input, cachedInput, cacheWrite, output, reasoning } = tokens
  const price = calcPrice(
    {
      input_tokens: input + cachedInput + cacheWrite,
      cache_read_tokens: cachedInput,
      cache_write_tokens: cacheWrite,
      output_tokens: output + reasoning,
      output_reasoning_tokens: reasoning,
    },
    model,
    options.provider === undefined ? {} : { providerId: options.provider },
  )
  // A model without prices would seem to be free.
  const { input_mtok, output_mtok } = price?.model_price ?? {}
  if (!price || input_mtok === undefined || output_mtok === undefined) return undefined
  return { cost: price.total_price, estimated: true }
}
