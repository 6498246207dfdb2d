/** An HTTP proxy as in companies: tunnels (CONNECT) and plain requests, with or without a password. */
import { once } from "node:events"
import { createServer, type IncomingMessage, request } from "node:http"
import { type AddressInfo, connect } from "node:net"
import type { Duplex } from "node:stream"
import { onTestFinished } from "vitest"

export interface Proxy {
  readonly url: string
  /** Where requests went: `host:port`. */
  readonly seen: string[]
}

export const startProxy = async (password?: string): Promise<Proxy> => {
  const seen: string[] = []
  const expected = password && `Basic ${Buffer.from(`user:${password}`).toString("base64")}`
  const isRefused = ({ headers }: IncomingMessage) =>
    expected !== undefined && headers["proxy-authorization"] !== expected
  const server = createServer((incoming, outgoing) => {
    if (isRefused(incoming)) return void outgoing.writeHead(407).end()
    const target = new URL(incoming.url ?? "")
    seen.push(target.host)
    const { method, headers } = incoming
    const forwarded = request(target, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    forwarded.on("error", () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  const sockets = new Set<Duplex>()
  server.on("connect", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on("error", () => {})
    sockets.add(client)
    if (isRefused(incoming)) return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    const { hostname, port } = new URL(`http://${incoming.url}`)
    seen.push(`${hostname}:${port}`)
    const target = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n")
      target.write(head)
      target.pipe(client).pipe(target)
    })
    sockets.add(target)
    target.on("error", () => client.destroy())
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}
