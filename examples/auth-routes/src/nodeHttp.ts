import { createServer, type IncomingMessage } from "node:http"
import { toNodeListener } from "@ellipsis-oauth/node"
import { auth } from "./auth.js"
import { notSignedIn, problemOf } from "./problemOf.js"

const respondAuth = toNodeListener(auth)

/** The account of the user who is signed in; 401, 503 or 500 otherwise. */
const account = async (request: IncomingMessage) => {
  try {
    const session = await auth.session(request)
    if (session === undefined) return notSignedIn
    return { status: 200, headers: {}, body: await session.ky().get("account").json() }
  } catch (error) {
    return problemOf(error)
  }
}

export const server = createServer(async (request, response) => {
  const { url = "/" } = request
  if (url.startsWith("/auth/")) respondAuth(request, response)
  else if (url === "/api/account") {
    const { status, headers, body } = await account(request)
    response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body))
  } else {
    response.setHeader("content-type", "text/html")
    response.end(`<form action="/auth/logout" method="post"><a href="/auth/login">Log in</a> <button>Log out`)
  }
}).listen(Number(process.env["PORT"] ?? 3000))
