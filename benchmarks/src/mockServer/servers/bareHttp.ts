/** `node:http` and nothing else: reads the body, sends a reply as long as a token reply. No mock server can be faster. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { announce } from "./running.ts"

const reply = JSON.stringify({
  access_token: "x".repeat(40),
  token_type: "Bearer",
  expires_in: 3600,
  scope: "projects",
})

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": reply.length })
    response.end(reply)
  })
})
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  const refresh = `grant_type=refresh_token&refresh_token=${"x".repeat(40)}&client_id=demo-app&client_secret=demo-secret`
  announce({ url: `http://127.0.0.1:${port}/`, logins: [refresh], refresh })
})
