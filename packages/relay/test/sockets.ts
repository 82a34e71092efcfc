import { type IncomingMessage, request as httpRequest } from 'node:http'
import { connect } from 'node:net'

/** Posts a question with node:http, which shows how the socket ended. */
export function postOverHttp(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: false }, resolve)
    sent.on('error', reject)
    sent.end('{}')
  })
}

/** Everything that comes, and the error it ended with; no error is a good end. */
export function readAll(response: IncomingMessage): Promise<{ text: string; error: string | undefined }> {
  return new Promise((resolve) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => (text += piece))
    response.on('end', () => resolve({ text, error: undefined }))
    response.on('error', (error: Error & { code?: string }) => resolve({ text, error: error.code }))
  })
}

/** Writes one request to a raw socket; gives all that came back, and the error it ended with. */
export function rawRequest(
  port: number,
  text: string,
): Promise<{ received: string; error: string | undefined }> {
  return new Promise((resolve) => {
    let received = ''
    let error: string | undefined
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (bytes) => (received += bytes.toString()))
    socket.on('error', (cause: Error & { code?: string }) => (error = cause.code))
    socket.on('close', () => resolve({ received, error }))
  })
}
