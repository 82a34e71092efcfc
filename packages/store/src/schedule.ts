/** Runs `flush` once, soon; the returned function undoes it. */
export type Schedule = (flush: () => void) => () => void

const FRAME_MS = 16
/** Hidden pages paint no frames; their stores go on all the same. */
const HIDDEN_MS = 250

/** With the next animation frame, or on time where there are none: in a hidden page, a worker, Node. */
export const onFrame: Schedule = (flush) => {
  const page: { requestAnimationFrame?: typeof requestAnimationFrame } = globalThis
  const frame = page.requestAnimationFrame?.(run)
  const timer = setTimeout(run, frame === undefined ? FRAME_MS : HIDDEN_MS)

  function undo(): void {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame(frame)
  }
  function run(): void {
    undo()
    flush()
  }
  return undo
}
