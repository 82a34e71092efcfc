// Apart from what is imported when a server needs it, so that who exports these loads nothing of it.
export { createJsonParser, createTextParser } from './body-parsers.ts'
