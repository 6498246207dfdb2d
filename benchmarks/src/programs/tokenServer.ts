/** A token endpoint that gives everybody the same token: no server can be faster. A line of JSON with its origin. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const body = JSON.stringify({
  access_token: "a".repeat(40),
  refresh_token: "r".repeat(40),
  token_type: "Bearer",
  expires_in: 3600,
  scope: "projects",
})

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body)
  })
})
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ origin: `http://127.0.0.1:${port}` }))
})
process.stdin.resume().on("end", () => process.exit())
