/**
 * Calls a function that the relay was given for its own use; what it throws, or rejects with, is printed and harms
 * nothing else. `name` says which one it was.
 */
export function callGuarded(name: string, call: () => unknown): void {
  const print = (error: unknown): void => console.error(`@rivulet/relay: ${name} failed`, error)
  try {
    // It may be async although nobody waits for it.
    Promise.resolve(call()).catch(print)
  } catch (error) {
    print(error)
  }
}
