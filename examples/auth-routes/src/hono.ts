import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { auth } from "./auth.js"
import { notSignedIn, problemOf } from "./problemOf.js"

const app = new Hono()
app.all("/auth/*", (context) => auth(context.req.raw))

/** A route of your own that calls the API for the user who is signed in. */
app.get("/api/account", async (context) => {
  const session = await auth.session(context.req.raw)
  if (session === undefined) return Response.json(notSignedIn.body, notSignedIn)
  return Response.json(await session.ky().get("account").json())
})

/** 401, 503 or 500 for what the route throws. */
app.onError((error) => {
  const { body, ...init } = problemOf(error)
  return Response.json(body, init)
})

export const server = serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000) })
