import { describe, expect, it } from 'vitest'
import { chooseModel } from './models.ts'

describe('chooseModel', () => {
  it('takes the only one', () => {
    expect(chooseModel(['llama3.2'])).toEqual({ model: 'llama3.2', models: ['llama3.2'] })
  })

  it('prefers a quick chat model to the first one listed', () => {
    const listed = ['text-embedding-3-small', 'gpt-4o', 'whisper-1', 'gpt-4.1-mini', 'tts-1']
    expect(chooseModel(listed)).toEqual({ model: 'gpt-4.1-mini', models: ['gpt-4o', 'gpt-4.1-mini'] })
  })

  it('lets the wanted one win, listed or not', () => {
    expect(chooseModel(['a', 'b'], 'b')).toEqual({ model: 'b', models: ['a', 'b'] })
    expect(chooseModel(['a'], 'c')).toEqual({ model: 'c', models: ['c', 'a'] })
  })

  it('has none when none is known', () => {
    expect(chooseModel([])).toEqual({ model: undefined, models: [] })
  })

  it('offers what there is when no name looks like chat', () => {
    expect(chooseModel(['image-chat'])).toEqual({ model: 'image-chat', models: ['image-chat'] })
  })
})
