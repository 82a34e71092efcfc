/** Calls `abort` when the signal aborts, at once if it has. Returns the undo. */
export function followSignal(
  signal: AbortSignal | null | undefined,
  abort: (reason: unknown) => void,
): () => void {
  const forward = (): void => abort(signal?.reason)
  if (signal?.aborted) forward()
  else signal?.addEventListener('abort', forward)
  return () => signal?.removeEventListener('abort', forward)
}

/** Settles as the promise does, or when the signal aborts, with its reason. For signals that live no longer. */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    followSignal(signal, reject)
    promise.then(resolve, reject)
  })
}
