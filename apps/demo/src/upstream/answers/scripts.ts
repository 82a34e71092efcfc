import type { Answer } from '../answer.ts'

/** A dozen scripts and some emoji, cut into pieces of two units: a piece often ends inside a character. */
export const scripts: Answer = {
  prompt: 'How do people wish each other a good morning?',
  shows: 'Scripts',
  pace: { unitsPerPiece: 2, piecesPerSecond: 40 },
  text: `In a good many ways, most of them about the sun 🌅

日本語 — おはようございます
中文 — 早上好
한국어 — 좋은 아침이에요
हिन्दी — सुप्रभात
ไทย — สวัสดีตอนเช้า
Ελληνικά — Καλημέρα
Українська — Доброго ранку
ქართული — დილა მშვიდობისა
አማርኛ — እንደምን አደርክ
தமிழ் — காலை வணக்கம்

Two of them are written from right to left, and their lines begin on the other side:

العربية — صباح الخير، وجوابها: صباح النور
עברית — בוקר טוב

The Arabic answer to “morning of goodness” is “morning of light” ✨, and it is considered a little dry to say the same words back. In Japan the greeting says only that it is early. And among friends everywhere a single ☀️, a 🐓 or a tired 👩🏽‍💻☕ will do.`,
}
