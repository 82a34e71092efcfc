import type { Answer } from '../answer.ts'

/** A model that asks for a tool instead of finishing its answer. */
export const toolCall: Answer = {
  prompt: 'Do I need an umbrella in Lisbon tomorrow?',
  shows: 'Tool call',
  text: `I cannot see tomorrow's weather from here, so I am asking for the forecast. Your application receives the call below, runs it, and sends the result back in the next request; only then can I answer.`,
  toolCalls: [
    {
      name: 'get_forecast',
      input: {
        place: 'Lisbon, Portugal',
        day: 'tomorrow',
        fields: ['rain_probability', 'rain_mm', 'wind_kmh'],
      },
    },
  ],
}
