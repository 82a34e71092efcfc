import type { Usage } from './types.ts'

/** Prices in one currency, each for a million tokens. */
export interface Rates {
  readonly input: number
  readonly output: number
  /** Of input that was read from a cache. Default: `input`. */
  readonly cachedInput?: number | undefined
  /** Of input that was written to a cache. Default: `input`. */
  readonly cacheWrite?: number | undefined
  /** Of output that was reasoning. Default: `output`. */
  readonly reasoning?: number | undefined
}

/** What an answer cost, as well as it is known. */
export interface CostEstimate {
  /** In the currency of the rates; the provider's own figure is in the provider's currency. Not rounded. */
  readonly cost: number
  /** `false`: the provider's own figure. `true`: tokens times prices, which no invoice need agree with. */
  readonly estimated: boolean
}

/** Each token once, where it is priced. `undefined` if the counts are not there, or are none. */
export function splitTokens(usage: Usage | undefined):
  | {
      readonly input: number
      readonly cachedInput: number
      readonly cacheWrite: number
      readonly output: number
      readonly reasoning: number
    }
  | undefined {
  const { inputTokens = -1, outputTokens = -1, ...parts }: Partial<Usage> = usage ?? {}
  // Of counts that do not add up, the totals are right.
  const part = (count = 0, rest: number): number => Math.min(Math.max(count, 0), rest)
  const cachedInput = part(parts.cachedInputTokens, inputTokens)
  const cacheWrite = part(parts.cacheWriteTokens, inputTokens - cachedInput)
  const reasoning = part(parts.reasoningTokens, outputTokens)
  const tokens = {
    input: inputTokens - cachedInput - cacheWrite,
    cachedInput,
    cacheWrite,
    output: outputTokens - reasoning,
    reasoning,
  }
  return inputTokens >= 0 && outputTokens >= 0 && Object.values(tokens).every(Number.isFinite)
    ? tokens
    : undefined
}

/** The provider's own figure, if it gave one. */
export function providerCost(usage: Usage | undefined): CostEstimate | undefined {
  const cost = usage?.cost
  return Number.isFinite(cost) ? { cost: cost as number, estimated: false } : undefined
}

/**
 * Says what an answer cost: the provider's own figure (`usage.cost`) if there is one, else an estimate from its
 * tokens and your rates.
 *
 * Cached input and reasoning are contained in the totals and are priced once, at their own rates if given.
 * `undefined` if the counts of input or output are missing, or a rate is not a number; never `NaN`. The sum of tokens
 * times rates is divided by a million once and not rounded: format it when you show it. Fees by the request, tiers and
 * discounts are unknown to it.
 *
 * @example
 * // gpt-4.1, in US dollars
 * estimateCost(message.usage, { input: 2, cachedInput: 0.5, output: 8 }) // { cost: 0.0028, estimated: true }
 */
export function estimateCost(usage: Usage | undefined, rates?: Rates): CostEstimate | undefined {
  const own = providerCost(usage)
  const tokens = splitTokens(usage)
  if (own || !tokens || !rates) return own
  const { input, output, cachedInput = input, cacheWrite = input, reasoning = output } = rates
  const cost =
    (tokens.input * input +
      tokens.cachedInput * cachedInput +
      tokens.cacheWrite * cacheWrite +
      tokens.output * output +
      tokens.reasoning * reasoning) /
    1e6
  return Number.isFinite(cost) ? { cost, estimated: true } : undefined
}
