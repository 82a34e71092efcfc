import { StreamOutput } from './stream-output.ts'

// Twice on a page, by a bundle and a script tag for instance, the first stays.
if (!customElements.get('stream-output')) customElements.define('stream-output', StreamOutput)

export * from './index.ts'
