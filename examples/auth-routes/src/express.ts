import { toNodeListener } from "@ellipsis-oauth/node"
import express, { type ErrorRequestHandler } from "express"
import { auth } from "./auth.js"
import { notSignedIn, problemOf } from "./problemOf.js"

const app = express()
app.use("/auth", toNodeListener(auth))

/** A route of your own that calls the API for the user who is signed in. */
app.get("/api/account", async (request, response) => {
  const session = await auth.session(request)
  if (session === undefined) response.status(notSignedIn.status).json(notSignedIn.body)
  else response.json(await session.ky().get("account").json())
})

/** 401, 503 or 500 for what the route throws. Express needs all four parameters to know an error handler. */
const respondError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  const { status, headers, body } = problemOf(error)
  response.status(status).set(headers).json(body)
}
app.use(respondError)

export const server = app.listen(Number(process.env["PORT"] ?? 3000))
