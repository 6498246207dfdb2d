import { createTokenClient, sqliteTokenStore } from "@ellipsis-oauth/node"

const client = createTokenClient({
  clientId: "your-client-id",
  clientSecret: process.env["ELLIPSIS_OAUTH_CLIENT_SECRET"],
  store: sqliteTokenStore({ path: "data/tokens.sqlite" }),
  apiOrigins: ["https://api.ellipsis-drive.com", "https://tiles.example.com"], // which origins get the token
})

/** `session.fetch` is a `fetch`: give it to a client generator such as `openapi-fetch` as it is. */
export const accountOf = async (userId: string): Promise<unknown> => {
  const response = await client.session(userId).fetch("https://api.ellipsis-drive.com/v3/account")
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return response.json()
}
