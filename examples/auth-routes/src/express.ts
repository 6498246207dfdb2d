import { toNodeListener } from "@ellipsis-oauth/node"
import express from "express"
import { auth } from "./auth.js"

const app = express()
app.use("/auth", toNodeListener(auth))

/** A route of your own that calls the API for whoever is signed in. */
app.get("/api/account", async (request, response) => {
  const session = await auth.session(request)
  if (session === undefined) response.status(401).json({ error: "login_required" })
  else response.json(await session.ky().get("account").json())
})

app.listen(3000)
