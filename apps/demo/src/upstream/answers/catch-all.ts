/** What the demonstration model says to a prompt it has no answer for. */
export const CATCH_ALL = `I am a demonstration model: my answers were written in advance, and there is none for what you have just asked. I am sorry, because it may well have been a good question. The suggestions are what I know.

To ask a real model instead, stop this server, put a key in a file named .env at the root of the repository, and start it again:

OPENAI_API_KEY=your key

Any server that speaks the same protocol will do. Name its address as well, for example for a model on your own machine, which needs no key at all:

OPENAI_BASE_URL=http://localhost:11434/v1

The key stays on the server; this page never sees it.`
