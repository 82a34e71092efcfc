/** Of a generator alone, a pending `next()` would hold the leaving up. */
export function leaveAtOnce<T extends AsyncGenerator>(loop: T, abort: () => void): T {
  const leave = loop.return.bind(loop)
  loop.return = (value) => {
    abort()
    return leave(value)
  }
  return loop
}
