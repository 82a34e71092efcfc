import type { Answer } from '../answer.ts'

/** Refused with 429 the first time, answered the second. */
export const rateLimit: Answer = {
  prompt: 'Ask faster than the provider allows',
  shows: 'Rate limit',
  group: 'trouble',
  error: {
    status: 429,
    message: 'Rate limit reached for requests. Please try again in 2 seconds.',
    type: 'requests',
    code: 'rate_limit_exceeded',
    retryAfter: 2,
    everyOther: true,
  },
  text: `There, that went through.

The first request was refused with status 429 and a Retry-After header of two seconds, which is how providers say “not so fast”. Nothing had been written yet, so the page waited that long and asked again by itself: it could not have paid for the same answer twice. Had the answer already begun, the right thing would have been to keep what there was and leave the decision to you.`,
}
