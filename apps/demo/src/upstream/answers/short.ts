import type { Answer } from '../answer.ts'

/** Three sentences. */
export const short: Answer = {
  prompt: 'Why is the sky blue?',
  shows: 'Short',
  text: `Sunlight is a mixture of all colours, and air scatters its short waves far more strongly than its long ones: blue about four times as much as red. So the blue part of the light is knocked sideways again and again until it reaches your eye from every direction, while the rest comes more or less straight from the sun.

In the evening the light has to cross so much more air that the blue is lost on the way, and what arrives is red.`,
}
