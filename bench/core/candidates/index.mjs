import { eventsourceClient } from './eventsource-client.mjs'
import { eventsourceParser3, eventsourceParser4 } from './eventsource-parser.mjs'
import { fetchEventSource } from './fetch-event-source.mjs'
import { fetchEventStream } from './fetch-event-stream.mjs'
import { floor, streamFloor } from './floors.mjs'
import { naive } from './naive.mjs'
import { openai } from './openai.mjs'
import { ours } from './ours.mjs'
import { parseSse } from './parse-sse.mjs'

/**
 * Each has `parse(chunks, on)`, which feeds the chunks the way its README tells and calls `on.event(type, data, id)`,
 * `on.retry(ms)` and, at the end, `on.lastEventId(id)`. `stream` marks those who can only read a ReadableStream.
 */
export const parsers = [
  ours,
  eventsourceParser4,
  eventsourceParser3,
  fetchEventSource,
  naive,
  eventsourceClient,
  parseSse,
  fetchEventStream,
  openai,
]

export const floors = [floor, streamFloor]
