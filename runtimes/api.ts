/** An API, by two names: it tells what it was sent, refuses the first token, and redirects. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

export const startApi = async () => {
  const refused = new Set<string>()

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method, url: path = "", headers } = request
      const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? null
      const first = path === "/refuse" && token !== null && refused.size === 0
      if (first) refused.add(token)
      const target = { "/redirect/here": `${origin}/echo`, "/redirect/elsewhere": `${otherOrigin}/echo` }[
        path
      ]
      if (target !== undefined) response.writeHead(307, { location: target }).end()
      else if (token !== null && refused.has(token)) response.writeHead(401).end()
      else {
        if (path === "/refuse") refused.clear()
        const echo = { method, path, token, body, origin: `http://${headers.host}` }
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(echo))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const otherOrigin = `http://localhost:${port}`

  return {
    origin,
    otherOrigin,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
