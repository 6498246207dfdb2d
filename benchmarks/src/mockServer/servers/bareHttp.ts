/**
 * Only `node:http`: reads the body and sends as many bytes as a token response. No mock server can be faster.
 * With the argument `always` the response has a refresh token, so that the client does the same work as with rotating tokens.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { announce } from "./running.ts"

const rotates = process.argv[2] === "always"
const body = JSON.stringify({
  access_token: "x".repeat(40),
  token_type: "Bearer",
  expires_in: 3600,
  ...(rotates ? { refresh_token: "x".repeat(40) } : {}),
  scope: "projects",
})

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length })
    response.end(body)
  })
})
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo
  const refresh = `grant_type=refresh_token&refresh_token=${"x".repeat(40)}&client_id=demo-app&client_secret=demo-secret`
  const url = `http://127.0.0.1:${port}/`
  announce(rotates ? { url, logins: Array(100).fill(refresh) } : { url, logins: [refresh], refresh })
})
