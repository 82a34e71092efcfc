/** Whether only this machine can reach an address: `127.*`, `::1` or the name `localhost`. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(hostname)
}
