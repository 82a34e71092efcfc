/** Models that providers list beside their chat models and that do not answer a chat request. */
const NOT_CHAT =
  /embed|whisper|tts|speech|audio|realtime|transcri|moderation|image|dall-e|sora|video|rerank|babbage|davinci|instruct|guard|ocr|computer-use|codex/i

/** Quick and cheap ones that are good enough for a first try, best first. */
const GOOD_FIRST = [
  /^gpt-[5-9](\.\d+)?-mini$/,
  /^gpt-4\.1-mini$/,
  /^gpt-4o-mini$/,
  /^deepseek-chat$/,
  /(^|\/)gpt-4\.1-mini$/,
  /(mini|flash|haiku|small|lite)/i,
]

/** Which model to ask and which to offer. */
export interface ModelChoice {
  /** Undefined when nobody has named one. */
  readonly model: string | undefined
  /** For a chooser: the listed models that can chat, and the chosen one. */
  readonly models: readonly string[]
}

/** Choose from what the upstream lists; `wanted` (`OPENAI_MODEL`) wins, also when it is not listed. */
export function chooseModel(listed: readonly string[], wanted?: string): ModelChoice {
  const chat = listed.filter((name) => !NOT_CHAT.test(name))
  const offered = chat.length > 0 ? chat : listed
  const preferred = GOOD_FIRST.map((good) => offered.find((name) => good.test(name))).find(Boolean)
  const model = wanted ?? preferred ?? offered[0]
  const missing = model !== undefined && !offered.includes(model)
  return { model, models: missing ? [model, ...offered] : offered }
}
