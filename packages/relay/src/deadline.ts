/** What {@link withDeadline} rejects with when the time is over. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** Settles as the promise does, or rejects with a {@link DeadlineError} after `ms`, whichever is first. */
export async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`Nothing within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}
