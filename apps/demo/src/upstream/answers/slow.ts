import type { Answer } from '../answer.ts'

/** Four seconds of silence, then eight pieces a second. */
export const slow: Answer = {
  prompt: 'Take your time: what is patience?',
  shows: 'Slow',
  group: 'trouble',
  pace: { firstPieceMs: 4000, piecesPerSecond: 8 },
  text: `Patience is not waiting. A stone waits.

Patience is to go on caring how a thing turns out while it takes longer than you would like; to keep your hands still without letting go. It is what a gardener does in February.

You have just practised it.`,
}
