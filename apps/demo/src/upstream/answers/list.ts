import type { Answer } from '../answer.ts'

/** A numbered list with a list inside. */
export const list: Answer = {
  prompt: 'How do I make good coffee with a filter?',
  shows: 'List',
  text: `You need 15 g of coffee, 250 g of water and about four minutes.

1. Boil more water than you need. Fresh from the boil is right for light roasts; give a dark roast half a minute to cool down.
2. Fold the filter, set it in place and rinse it with hot water. This washes out the taste of paper and warms the pot. Pour the rinsing water away.
3. Grind the coffee, about as coarse as sea salt.
4. Pour 40 g of water over it and wait 40 seconds. Fresh coffee swells and bubbles; let it finish.
5. Pour the rest in slow circles from the middle outwards:
   - to 150 g by the first minute,
   - to 250 g by one minute forty-five.
6. Let it run through. It should be done after about three minutes.

Then taste it, and change only one thing next time:

- Sour or thin: grind finer.
- Bitter or dry: grind coarser.
- Good, but weak: use more coffee, not less water.`,
}
