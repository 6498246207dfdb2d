import type { TokenSession } from "@ellipsis-oauth/node"
import createClient from "openapi-fetch"

/** What `openapi-typescript` writes for an API; here by hand. */
interface Paths {
  "/account": { get: { responses: { 200: { content: { "application/json": { username: string } } } } } }
}

export const openApiOf = (session: TokenSession) =>
  createClient<Paths>({ baseUrl: "https://api.ellipsis-drive.com/v3", fetch: session.fetch })
