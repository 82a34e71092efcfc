import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

describe('readConfig', () => {
  it('has defaults for everything', () => {
    expect(readConfig({})).toEqual({ port: 8787, origins: [], model: undefined })
    expect(readConfig({ PORT: '', RIVULET_ORIGINS: ' , ', OPENAI_MODEL: ' ' })).toEqual(readConfig({}))
  })

  it('reads the port, 0 included', () => {
    expect(readConfig({ PORT: '9000' }).port).toBe(9000)
    expect(readConfig({ PORT: ' 0 ' }).port).toBe(0)
  })

  it.each(['eighty', '-1', '65536', '80.5', '0x50', '1e3', '80 81'])('refuses PORT=%s in words', (PORT) => {
    expect(() => readConfig({ PORT })).toThrow(/PORT is “.+”.+For example: PORT=8788/)
  })

  it('splits the origins', () => {
    const { origins } = readConfig({ RIVULET_ORIGINS: 'http://localhost:5500, https://example.com,' })
    expect(origins).toEqual(['http://localhost:5500', 'https://example.com'])
  })

  it('takes the model as it is', () => {
    expect(readConfig({ OPENAI_MODEL: ' deepseek-chat ' }).model).toBe('deepseek-chat')
  })
})
