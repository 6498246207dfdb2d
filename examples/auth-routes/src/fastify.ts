import Fastify from "fastify"
import { auth } from "./auth.js"
import { notSignedIn, problemOf } from "./problemOf.js"

const app = Fastify()

/** The routes read no body, and Fastify would refuse that of the logout's form. */
app.register(async (routes) => {
  routes.removeAllContentTypeParsers()
  routes.addContentTypeParser("*", (_request, _body, done) => done(null))
  routes.all("/auth/*", ({ method, url, headers }) => {
    const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)])
    return auth(
      new Request(new URL(url, "http://localhost"), { method, headers: pairs as [string, string][] }),
    )
  })
})

/** A route of your own that calls the API for the user who is signed in. */
app.get("/api/account", async (request, response) => {
  const session = await auth.session(request)
  if (session === undefined) return response.code(notSignedIn.status).send(notSignedIn.body)
  return session.ky().get("account").json()
})

/** 401, 503 or 500 for what the route throws. */
app.setErrorHandler((error, _request, response) => {
  const { status, headers, body } = problemOf(error)
  return response.code(status).headers(headers).send(body)
})

export const server = app.server
await app.listen({ port: Number(process.env["PORT"] ?? 3000) })
