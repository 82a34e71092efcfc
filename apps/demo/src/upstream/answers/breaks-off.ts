import type { Answer } from '../answer.ts'

/** A story whose connection is reset before the end. */
export const breaksOff: Answer = {
  prompt: 'Tell me a story that breaks off in the middle',
  shows: 'Breaks off',
  group: 'trouble',
  breaksOff: true,
  text: `The ferry had stopped running years ago, but old Marta still rowed over every evening at six, because someone had once asked her to and nobody had ever told her to stop.

She carried no passengers. She carried a lamp, which she set on the far landing, and a loaf, which she left beside it; and every morning the lamp was out and the loaf was gone. Foxes, said the village. Marta did not say anything.

On the last evening of October the fog came down so thick that she rowed by the sound of the water alone. When the keel touched the gravel, the lamp was already burning. Someone was sitting next to it, with their back to her, breaking the bread in two. And without turning round they said: “I was beginning to think you`,
}
