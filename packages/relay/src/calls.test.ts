import { expect, test, vi } from 'vitest'
import { createCalls } from './calls.ts'

test('a client that leaves aborts its own call and no other', () => {
  const calls = createCalls()
  const client = new AbortController()
  const left = calls.begin(client.signal)
  const other = calls.begin(new AbortController().signal)
  expect(calls.running).toBe(2)
  client.abort()
  expect(left.signal.aborted).toBe(true)
  expect(other.signal.aborted).toBe(false)
  expect(calls.running).toBe(1)
})

test('a client that has left already begins nothing', () => {
  const calls = createCalls()
  expect(calls.begin(AbortSignal.abort()).signal.aborted).toBe(true)
  expect(calls.running).toBe(0)
})

test('a call that has ended lets go of the client', () => {
  const calls = createCalls()
  const client = new AbortController()
  const add = vi.spyOn(client.signal, 'addEventListener')
  const remove = vi.spyOn(client.signal, 'removeEventListener')
  const call = calls.begin(client.signal)
  call.end()
  client.abort()
  expect(call.signal.aborted).toBe(false)
  expect(remove.mock.calls[0]?.[1]).toBe(add.mock.calls[0]?.[1])
  expect(calls.running).toBe(0)
})

test('closing aborts all, and what comes later', () => {
  const calls = createCalls()
  const never = new AbortController().signal
  const running = [calls.begin(never), calls.begin(never)]
  calls.close()
  expect(running.map(({ signal }) => signal.aborted)).toEqual([true, true])
  expect(calls.begin(never).signal.aborted).toBe(true)
  expect(calls.running).toBe(0)
})
