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
