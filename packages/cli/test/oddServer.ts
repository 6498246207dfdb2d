/** A server that reads JSON, and treats every other body as an internal error. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { onTestFinished } from "vitest"

/**
 * What it says to what it does not read: a page with status 500, what it was sent with status 422, or nothing but
 * status 400.
 */
export const startOddServer = async (manner: "html" | "echo" | "silent") => {
  const json = { "content-type": "application/json" }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://odd")
    if (url.pathname === "/v3/oauth/authorize") {
      const redirect = new URL(url.searchParams.get("redirect_uri") ?? "http://odd")
      redirect.searchParams.set("code", "odd-token-code")
      redirect.searchParams.set("state", url.searchParams.get("state") ?? "")
      return response.writeHead(302, { location: redirect.href }).end()
    }
    const body = await text(request)
    const refuse = () => {
      if (manner === "html") {
        return response.writeHead(500, { "content-type": "text/html" }).end("<title>Error</title>")
      }
      if (manner === "silent") return response.writeHead(400).end()
      const headers = JSON.stringify(request.headers)
      return response.writeHead(422, json).end(JSON.stringify({ message: `Cannot read ${body} ${headers}` }))
    }
    if (!request.headers["content-type"]?.startsWith("application/json")) return refuse()
    const sent: Record<string, string> = JSON.parse(body)
    if (sent["client_secret"] !== "kanary+secret/%") return refuse()
    const given = sent["authorization_code"] ?? sent["refresh_token"]
    if (given !== "odd-token-code" && given !== "odd-token-refresh") {
      return response.writeHead(400, json).end(JSON.stringify({ message: "Bad grant." }))
    }
    const tokens = { access_token: "odd-token-access", refresh_token: "odd-token-refresh", expires_in: 60.5 }
    return response.writeHead(200, json).end(JSON.stringify(tokens))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3` }
}
