import type { Answer } from '../answer.ts'

/** Some thinking first, then the answer. */
export const reasoning: Answer = {
  prompt: 'How often do the hands of a clock meet in a day?',
  shows: 'Reasoning',
  reasoning: `The tempting answer is 24, once an hour. Let me check it with speeds.

The minute hand makes one turn an hour, the hour hand one turn in twelve hours. Seen from the hour hand, the minute hand makes 1 − 1/12 = 11/12 of a turn an hour. So they meet every 12/11 hours, which is 1 h 5 min 27 s.

In twelve hours that is 12 ÷ (12/11) = 11 meetings, in a day 22.

Check by listing: 12:00, 1:05, 2:11, 3:16, 4:22, 5:27, 6:33, 7:38, 8:44, 9:49, 10:55, and then 12:00 again. Eleven. There is none between 11:00 and 12:00, that is where the tempting answer goes wrong.

If someone counts midnight at both ends of the day it would be 23; say that a day has one midnight.`,
  text: `Twenty-two times.

The minute hand gains eleven twelfths of a turn on the hour hand every hour, so it catches up once every 12/11 hours, a little more than an hour and five minutes. That makes eleven meetings in twelve hours and twenty-two in a day.

The reason it is not twenty-four: after 10:55 the next meeting is at 12:00. The hour from eleven to twelve has none of its own.`,
}
