import { describe, expect, it } from 'vitest'
import { snippetFor } from './embed.ts'

describe('snippetFor', () => {
  it('is one script and one tag for this server', () => {
    expect(snippetFor('http://localhost:8787', 'some-model', 'Why?')).toBe(
      `<script type="module" src="http://localhost:8787/rivulet.js"></script>

<stream-output
  src="http://localhost:8787/v1/chat/completions"
  model="some-model"
  prompt="Why?"
></stream-output>`,
    )
  })

  it('names no model when none is known', () => {
    expect(snippetFor('http://localhost:8787', null, 'Why?')).not.toContain('model')
  })

  it('escapes what stands in attributes', () => {
    expect(snippetFor('http://localhost:8787', 'a"b', '“&amp;” "x"')).toMatch(
      /model="a&quot;b"\n {2}prompt="“&amp;amp;” &quot;x&quot;"/,
    )
  })
})
