import type { Answer } from '../answer.ts'

/** An essay of some seven hundred words: half a minute of streaming. */
export const long: Answer = {
  prompt: 'How did sailors learn to find their longitude?',
  shows: 'Long',
  pace: { piecesPerSecond: 55 },
  text: `For most of history a captain could say how far north he was, but not how far east or west.

Latitude is written in the sky. The pole star stands as many degrees above the horizon as you stand above the equator, and the noon sun will do as well if you have a table of its seasons. Longitude has no such mark. The earth turns, and every meridian passes under the same stars once a day. The only difference between Lisbon and Havana is when. Find out what time it is at home at the moment when it is noon where you are, and every hour of difference is fifteen degrees. The whole problem of longitude is a problem of knowing the time somewhere else.

In 1530 Gemma Frisius, a mathematician in Louvain, wrote down the obvious solution: carry a clock. It took more than two hundred years before anyone could build it. The best pendulum clocks of the seventeenth century kept time to a few seconds a day, on land, on a stone floor. At sea the floor rolls, the cold thickens the oil, the heat lengthens the pendulum, and the damp gets into everything. And an error that would not matter in a parlour matters a great deal on a ship: one minute of time is a quarter of a degree, which near the equator is fifteen nautical miles. A clock that loses three seconds a day will, after six weeks, put an island thirty miles from where it is.

So the astronomers looked for a clock in the sky. Galileo proposed the moons of Jupiter, which slip in and out of the planet's shadow at moments that can be computed years ahead. The method is sound and was soon used to remap France, which turned out to be smaller than its king had believed. But it needs a long telescope held still, and no one has ever held a long telescope still on a ship. The other clock was our own moon, which moves across the stars by its own width in about an hour. To use it one had to know where every star was and where the moon was going to be, to a precision that nobody had; the Royal Observatory at Greenwich was founded in 1675 to supply exactly that.

In October 1707 a British fleet on its way home misjudged its position and ran onto the rocks off the Isles of Scilly in the night. Four ships and well over a thousand men were lost. Seven years later Parliament offered twenty thousand pounds, a fortune, to whoever could find the longitude within half a degree.

The man who did it was a carpenter, born in a Yorkshire village, who had taught himself to make clocks. John Harrison built his first ones almost entirely of wood, with parts of lignum vitae that oiled themselves. He joined brass and steel so that as one metal lengthened in the warmth the other took it back. His first three sea clocks were large machines of brass, full of springs and counterweights, and each occupied years: five for the first, nineteen for the third. Then he changed his mind. He had noticed that a small watch with a fast, strong balance is disturbed less by a ship than a large, slow clock, and in 1759 he finished a thing that looked like an overgrown pocket watch. On the way to Jamaica, a voyage of eighty-one days, it lost about five seconds.

The prize did not come at once. The Board of Longitude was made up in good part of astronomers, who believed in the moon, and who suspected that one good watch might be luck. They asked for more trials, then for the drawings, then for copies. Harrison was eighty before an act of Parliament, helped along by the king, gave him the rest of what he was owed.

Both sides turned out to be right. The lunar tables were published, were good enough, and cost no more than a book and an evening of arithmetic; for decades they served the many ships that could not afford a watch. But the watches became cheap, as things do that can be made by many hands. When the Beagle sailed in 1831, she carried twenty-two of them.

Today the time somewhere else arrives by radio from satellites that carry atomic clocks, and your telephone solves the equations a few times a second. It is still the same idea: to know where you are, ask what time it is at a place you trust.`,
}
