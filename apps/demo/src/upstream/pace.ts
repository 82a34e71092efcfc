import type { Answer, Pace } from './answer.ts'

const DEFAULT_PACE: Pace = { firstPieceMs: 380, piecesPerSecond: 45, unitsPerPiece: 4 }

/** How far a single delay may stray from the pace, as a share of it. */
export const JITTER = 0.35

/** The pace of an answer, defaults filled in. */
export function paceOf(answer: Pick<Answer, 'pace'>): Pace {
  return { ...DEFAULT_PACE, ...answer.pace }
}

/** How many pieces a text is sent in. */
export function countPieces(text: string, pace: Pace): number {
  return Math.ceil(text.length / pace.unitsPerPiece)
}
