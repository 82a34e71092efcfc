import type { Answer } from '../answer.ts'

/** A table of five rows and four columns. */
export const table: Answer = {
  prompt: 'Compare five great rivers in a table',
  shows: 'Table',
  text: `| River | Length | Flow at the mouth | Where it ends |
| --- | --- | --- | --- |
| Nile | about 6,650 km | 2,800 m³/s | Mediterranean Sea |
| Amazon | about 6,400 km | 209,000 m³/s | Atlantic Ocean |
| Yangtze | about 6,300 km | 30,000 m³/s | East China Sea |
| Congo | about 4,700 km | 41,000 m³/s | Atlantic Ocean |
| Danube | about 2,850 km | 6,500 m³/s | Black Sea |

The lengths are rounded because nobody agrees on them: a river's length depends on which spring you call its source and how closely you follow its bends. The flows are long-term averages.

What stands out is how little length has to do with water. The Nile is the longest and carries the least, because it spends its last 2,700 km crossing a desert without a single tributary. The Amazon carries more than the next seven rivers of the world together.`,
}
