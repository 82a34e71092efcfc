import { streamEvents } from '../../src/stream-events.ts'
import { serveTasks } from './serve-tasks.ts'

// Nothing here imports the JSON parser, so it is loaded when it is needed.

serveTasks({
  async streamEvents(url, tell) {
    try {
      for await (const { data } of streamEvents(url, { body: {} })) tell(data)
    } catch (error) {
      return (error as Error).message
    }
    return 'read'
  },
})
