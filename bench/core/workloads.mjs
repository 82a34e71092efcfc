const encoder = new TextEncoder()
const KIB = 1024
const NETWORK = 1434

/** An event of a chat stream, padded so that it has `bytes` bytes with its blank line. */
function chatEvent(content, bytes) {
  const record = {
    id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
    object: 'chat.completion.chunk',
    created: 1741569952,
    model: 'gpt-4.1-mini-2025-04-14',
    service_tier: 'default',
    system_fingerprint: '',
    choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
  }
  const missing = bytes - encoder.encode(`data: ${JSON.stringify(record)}\n\n`).length
  record.system_fingerprint = 'f'.repeat(Math.max(0, missing))
  return `data: ${JSON.stringify(record)}\n\n`
}

function repeated(text, bytes) {
  return text.repeat(Math.ceil(bytes / encoder.encode(text).length))
}

function cut(bytes, size) {
  const chunks = []
  // A copy of its own for each, as a network gives; a view would share one cache-warm buffer.
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size))
  return chunks
}

const ENGLISH = [' stream', 'ing', ' of', ' an', ' answer', ',', ' word', ' by', ' word', '.']
const OTHER = ['流式', '回答', '🌊', 'を', '一文字', 'ずつ', '🙂👍🏽', '읽는', '다', 'é']

const llm = (bytes) => repeated(ENGLISH.map((word) => chatEvent(word, 292)).join(''), bytes)
const nonAscii = (bytes) => repeated(OTHER.map((word) => chatEvent(word.repeat(8), 292)).join(''), bytes)
const lines = (bytes) => {
  let text = ''
  for (let id = 1; text.length < bytes; id++) {
    const half = chatEvent(ENGLISH[id % ENGLISH.length], 292).slice(6, -2)
    text += `: keep-alive\r\nevent: delta\r\nid: ${id}\r\ndata: ${half.slice(0, 140)}\r\ndata: ${half.slice(140)}\r\n\r\n`
  }
  return text
}

/** Each: what it is, how large, and how it is cut. `line` marks the one whose cost may be quadratic. */
export const WORKLOADS = [
  {
    name: '64 KiB',
    about: '292-byte LLM events in 64 KiB chunks',
    make: llm,
    bytes: 2048 * KIB,
    chunk: 64 * KIB,
  },
  { name: '1.4 KiB', about: 'the same in 1.4 KiB chunks', make: llm, bytes: 1024 * KIB, chunk: NETWORK },
  { name: '1 event', about: 'the same, an event a chunk', make: llm, bytes: 1024 * KIB, chunk: 292 },
  { name: '7 B', about: 'the same in 7-byte chunks', make: llm, bytes: 128 * KIB, chunk: 7 },
  {
    name: 'CJK',
    about: 'CJK and emoji in 1.4 KiB chunks, cut in mid-character',
    make: nonAscii,
    bytes: 1024 * KIB,
    chunk: NETWORK,
  },
  {
    name: 'CRLF',
    about: 'CRLF, comments, `event`, `id` and two data lines an event, in 1.4 KiB chunks',
    make: lines,
    bytes: 1024 * KIB,
    chunk: NETWORK,
  },
  {
    name: '4 MiB line',
    about: 'one 4 MiB line in 1.4 KiB chunks',
    make: (bytes) => `data: ${'x'.repeat(bytes - 8)}\n\n`,
    bytes: 4096 * KIB,
    chunk: NETWORK,
    line: true,
  },
]

/** A workload at a share of its size. */
export function chunksOf({ make, bytes, chunk }, share = 1) {
  const body = encoder.encode(make(bytes * share))
  return { chunks: cut(body, chunk), bytes: body.length }
}
