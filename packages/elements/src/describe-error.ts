import type { StreamError } from '@rivulet/core'

function describeStatus(error: StreamError): string {
  const { status = 0, retryAfterMs } = error
  if (status === 401 || status === 403) return 'The server refused access.'
  if (status === 404) return 'The server does not know this address or model.'
  if (status === 413) return 'The request is too large.'
  if (status === 429) {
    const seconds = Math.ceil((retryAfterMs ?? 0) / 1000)
    return seconds > 0 && seconds <= 600
      ? `Too many requests. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
      : 'Too many requests. Try again in a moment.'
  }
  return status >= 500
    ? 'The server has a problem. Try again in a moment.'
    : 'The server refused the request.'
}

/** What went wrong, in a sentence for the person who reads the page; `error.message` has the details. */
export function describeError(error: Error): string {
  // By name: the store may come from another copy of core than this element's.
  if (error.name !== 'StreamError') return 'Something went wrong.'
  const { code } = error as StreamError
  switch (code) {
    case 'http':
      return describeStatus(error as StreamError)
    case 'network':
      return 'The server could not be reached.'
    case 'timeout':
      return 'The answer took too long.'
    case 'incomplete':
      return 'The answer broke off before it was complete.'
    case 'gone':
      return 'The rest of this answer is no longer there.'
    case 'limit':
      return 'The answer is too large.'
    case 'provider':
      return 'The model reported an error.'
    case 'content-type':
    case 'protocol':
      return 'The server sent something that is no answer.'
  }
}
