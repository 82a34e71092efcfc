import type { DeltaWriter, Dialect, DialectReader } from '../types.ts'
import { isOf } from './detect.ts'
import { asList, asNumber, asObject, asText } from './json.ts'
import type { Json } from './json.ts'
import { readOpenaiUsage } from './openai-usage.ts'

function open(write: DeltaWriter): DialectReader {
  let input: number | undefined
  let streamed = false

  function finish(value: unknown): void {
    const raw = asText(value)
    if (/not_finished/i.test(raw)) return
    write.finish(raw, /limit/i.test(raw) ? 'length' : raw === 'word' ? 'stop' : undefined)
  }

  function writeUsage(prompt: unknown, output: unknown, raw: unknown): void {
    // watsonx counts the prompt in one record and says 0 in the others.
    input = asNumber(prompt) || input
    write.usage({
      inputTokens: input,
      outputTokens: asNumber(output),
      raw,
    })
  }

  /** llama.cpp's own `/completion`. */
  function readLlama(record: Json): void {
    const {
      content,
      stop,
      stop_type: type,
      timings,
      tokens_evaluated,
      tokens_predicted,
      tokens_cached,
    } = record
    write.text('text', content)
    if (stop !== true) return
    const raw = { tokens_evaluated, tokens_predicted, tokens_cached, timings }
    writeUsage(tokens_evaluated, tokens_predicted, raw)
    // Before December 2024 a flag for each reason.
    finish(type ?? (record['stopped_limit'] === true ? 'limit' : 'eos'))
  }

  /** Text Generation Inference: a token each, and with the last one all of the text again. */
  function readGeneration({ token, generated_text: whole, details }: Json): void {
    const { text, special } = asObject(token)
    if (token && special !== true) write.text('text', text)
    streamed ||= !!token
    if (typeof whole !== 'string') return
    if (!streamed) write.text('text', whole)
    const { finish_reason: reason, generated_tokens: output, input_length: prompt } = asObject(details)
    if (details) writeUsage(prompt, output, details)
    finish(asText(reason) || 'stop')
  }

  return {
    read(record, event) {
      const { id, model, model_id, choices, usage, error, results } = record
      if (choices || model || model_id) write.start(id, model ?? model_id)
      // Of several choices the first is the message; they come interleaved.
      const choice = asList(choices).find((each) => !each['index'])
      if (choice) {
        write.text('text', choice['text'])
        finish(choice['finish_reason'])
      }
      if (usage) write.usage(readOpenaiUsage(usage))
      // watsonx
      for (const result of asList(results).slice(0, 1)) {
        const { generated_text: text, input_token_count: prompt, generated_token_count: output } = result
        write.text('text', text)
        writeUsage(prompt, output, result)
        finish(result['stop_reason'])
      }
      if ('content' in record && !record['index']) readLlama(record)
      if (record['token'] || 'generated_text' in record) readGeneration(record)
      if (error || [record['object'], record['type'], event.type].includes('error')) write.fail(record)
    },
  }
}

/**
 * OpenAI's Completions, from before chats, and what else completes a text: llama.cpp's own `/completion`, Hugging
 * Face's Text Generation Inference and IBM's watsonx.
 *
 * @see https://platform.openai.com/docs/api-reference/completions
 * @see https://github.com/ggml-org/llama.cpp/tree/master/tools/server
 * @see https://huggingface.co/docs/text-generation-inference/reference/api_reference
 * @see https://cloud.ibm.com/apidocs/watsonx-ai
 */
export const openaiCompletions: Dialect = {
  name: 'openai-completions',
  detect: isOf('openai-completions'),
  open,
}
