import { checkUpstream, upstreamFromEnv, type UpstreamOptions } from '@rivulet/relay'
import { chooseModel, type ModelChoice } from './models.ts'
import { DEMO_MODEL, startUpstream } from './upstream/start-upstream.ts'

/** The upstream that the relay talks to, and what is to be said about it. */
export interface ChosenUpstream extends ModelChoice {
  readonly kind: 'demonstration' | 'provider'
  /** For people: the provider's host, or “Demonstration model”. */
  readonly name: string
  readonly options: UpstreamOptions
  /** What is wrong with it, in words and without the key. */
  readonly problems: readonly string[]
  /** End what was started for it. */
  close(): Promise<void>
}

/** What {@link chooseUpstream} goes by. */
export interface UpstreamWish {
  readonly env: Readonly<Record<string, string | undefined>>
  /** `OPENAI_MODEL`. */
  readonly model: string | undefined
}

async function demonstration(problems: readonly string[]): Promise<ChosenUpstream> {
  const { baseUrl, close } = await startUpstream()
  return {
    kind: 'demonstration',
    name: 'Demonstration model',
    options: { baseUrl },
    model: DEMO_MODEL,
    models: [DEMO_MODEL],
    problems: problems.length > 0 ? [...problems, 'Until then the demonstration model answers.'] : [],
    close,
  }
}

function modelProblem({ model }: ModelChoice, name: string): string[] {
  return model === undefined ? [`${name} lists no models. Name one with OPENAI_MODEL.`] : []
}

async function provider(
  options: UpstreamOptions,
  wish: UpstreamWish,
  known: readonly string[],
): Promise<ChosenUpstream> {
  const name = new URL(options.baseUrl).host
  const check = await checkUpstream(options)
  const choice = chooseModel(check.ok ? check.models : [], wish.model)
  const found = check.ok ? modelProblem(choice, name) : [check.message]
  return {
    kind: 'provider',
    name,
    options,
    ...choice,
    problems: [...known, ...found],
    close: () => Promise.resolve(),
  }
}

/**
 * The upstream that the environment names (`OPENAI_BASE_URL`, `OPENAI_API_KEY`), else the embedded one. A named
 * upstream is asked for its models, for five seconds at most; what it refuses becomes a problem, not an error.
 */
export async function chooseUpstream(wish: UpstreamWish): Promise<ChosenUpstream> {
  const { upstream, problems } = upstreamFromEnv(wish.env)
  return upstream ? provider(upstream, wish, problems) : demonstration(problems)
}
