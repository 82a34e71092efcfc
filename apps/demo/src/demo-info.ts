/** What the page asks `GET /demo.json` for. Nothing in it is secret. */
export interface DemoInfo {
  readonly upstream: {
    /** `demonstration`: prepared answers from the embedded upstream; `provider`: whatever the environment names. */
    readonly kind: 'demonstration' | 'provider'
    /** The provider's host, or the demonstration's name. */
    readonly name: string
  }
  /** The model to ask; null when neither the upstream nor the environment names one. */
  readonly model: string | null
  /** For the chooser; may be empty. */
  readonly models: readonly string[]
  readonly suggestions: readonly Suggestion[]
  /** What is wrong with the upstream, in words; null when nothing is known to be. */
  readonly problem: string | null
}

/** A prompt to click. */
export interface Suggestion {
  readonly prompt: string
  /** What its answer shows, in one or two words. */
  readonly shows: string
  /** `trouble` is made on purpose: slow, broken off, refused. */
  readonly group: 'answer' | 'trouble'
}
