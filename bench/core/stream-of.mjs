/** The chunks as a stream that gives one when it is asked for one, as a network does. */
export function streamOf(chunks) {
  let next = 0
  return new ReadableStream(
    {
      pull(controller) {
        if (next < chunks.length) controller.enqueue(chunks[next++])
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}
