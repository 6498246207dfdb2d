import { createServer } from "node:http"
import {
  createAuthRoutes,
  createTokenClient,
  ellipsisDrive,
  isTokenError,
  toNodeListener,
} from "@ellipsis-oauth/node"

const client = createTokenClient({
  server: ellipsisDrive({ baseUrl: "http://127.0.0.1:4400/v3" }), // the mock server; the hosted service without this line
  clientId: "demo-app",
  clientSecret: "demo-secret",
  redirectUri: "http://localhost:3000/auth/callback",
})
// /auth/login, /auth/callback, /auth/token, /auth/logout
const auth = createAuthRoutes(client, { onError: console.error }) // no error holds a secret
const respondAuth = toNodeListener(auth)

createServer(async (request, response) => {
  if (request.url?.startsWith("/auth/")) return respondAuth(request, response)
  const logIn = () => response.writeHead(303, { location: "/auth/login" }).end()
  try {
    const session = await auth.session(request)
    if (session === undefined) return logIn()
    response.end(`The access token: ${await session.getAccessToken()}`) // valid, refreshed when it has to be
  } catch (error) {
    if (isTokenError(error) && error.action === "login") return logIn() // the provider has ended the login
    console.error(error)
    response.writeHead(503).end("Please try again.")
  }
}).listen(3000, () => console.log("http://localhost:3000"))
