/** The loop that blog posts show. */
export const naive = {
  name: "split('\\n') loop",
  parse(chunks, on) {
    const decoder = new TextDecoder()
    let buffer = ''
    for (const chunk of chunks) {
      buffer += decoder.decode(chunk, { stream: true })
      const lines = buffer.split('\n')
      buffer = lines.pop()
      for (const line of lines) if (line.startsWith('data: ')) on.event('', line.slice(6), '')
    }
    on.lastEventId('')
  },
}
