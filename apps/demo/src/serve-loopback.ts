import { serve, type FetchApp, type RelayServer } from '@rivulet/relay/node'

const NO_IPV6 = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

function codeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error && 'code' in error.cause
    ? error.cause.code
    : undefined
}

/**
 * Serve on both loopback addresses, as a browser tries `[::1]` first when it resolves `localhost`; on a machine
 * without IPv6 on `127.0.0.1` alone. Rejects with an Error in words when the port is taken on either.
 */
export async function serveLoopback(
  app: FetchApp,
  port: number,
): Promise<Pick<RelayServer, 'port' | 'close'>> {
  const first = await serve(app, { port, hostname: '127.0.0.1' })
  let second: RelayServer | undefined
  try {
    second = await serve(app, { port: first.port, hostname: '::1' })
  } catch (error) {
    // A free port was asked for and found; that its namesake is taken is nobody's mistake.
    if (port !== 0 && !NO_IPV6.has(String(codeOf(error)))) {
      await first.close()
      throw error
    }
  }
  return {
    port: first.port,
    async close() {
      await Promise.all([first.close(), second?.close()])
    },
  }
}
