import type { DemoInfo } from '../../src/demo-info.ts'

export type { DemoInfo, Suggestion } from '../../src/demo-info.ts'

/** What this page's server says about its upstream; rejects when it does not answer. */
export async function readDemoInfo(): Promise<DemoInfo> {
  const response = await fetch('/demo.json', { signal: AbortSignal.timeout(15_000) })
  if (!response.ok) throw new Error(`/demo.json answered with ${response.status}`)
  return (await response.json()) as DemoInfo
}
