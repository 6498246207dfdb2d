import { createTokenClient, sqliteTokenStore } from "@ellipsis-oauth/node"

const client = createTokenClient({
  clientId: "your-client-id",
  clientSecret: process.env["ELLIPSIS_OAUTH_CLIENT_SECRET"],
  store: sqliteTokenStore({ path: "data/tokens.sqlite" }),
})

/** A ky instance for one user: `drive.get("account").json()`, `drive.post("path/folder", { json: { name: "maps" } })`. */
export const driveOf = (userId: string) =>
  client.session(userId).ky({
    origins: ["https://tiles.example.com"], // the API is there already
    retry: { limit: 3 },
    timeout: 30_000,
  })
