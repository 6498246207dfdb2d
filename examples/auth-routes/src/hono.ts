import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { auth } from "./auth.js"

const app = new Hono()
app.all("/auth/*", (context) => auth(context.req.raw))

serve({ fetch: app.fetch, port: 3000 })
