/** What the page asks for. */
export interface Task {
  readonly name: string
  readonly url: string
}

/** What comes back: data as they are read, and in the end the result, or the error that there should be none of. */
export type Told = { readonly data: string } | { readonly result: unknown } | { readonly failed: string }

export type Tell = (data: string) => void

/** Runs tasks for the page in any kind of worker; what they tell goes through the port that came with the task. */
export function serveTasks(
  tasks: Readonly<Record<string, (url: string, tell: Tell) => Promise<unknown>>>,
): void {
  async function run({ name, url }: Task, port: MessagePort): Promise<void> {
    const tell = (told: Told): void => port.postMessage(told)
    try {
      tell({ result: await tasks[name]?.(url, (data) => tell({ data })) })
    } catch (error) {
      tell({ failed: String(error) })
    }
  }
  addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<Task>
    const running = run(data, ports[0] as MessagePort)
    // A service worker may be stopped as soon as it has no more to do.
    const { waitUntil } = event as { waitUntil?: (done: Promise<void>) => void }
    waitUntil?.call(event, running)
  })
}
