import { createTokenClient, isTokenError, loopbackLogin, sqliteTokenStore } from "@ellipsis-oauth/node"

const client = createTokenClient({
  clientId: "your-client-id",
  store: sqliteTokenStore({ path: "data/tokens.sqlite" }),
})
const interrupted = new AbortController()
process.once("SIGINT", () => interrupted.abort(new Error("Interrupted.")))

try {
  await client.session().getAccessToken()
} catch (error) {
  if (!isTokenError(error) || error.action !== "login") throw error
  await loopbackLogin(client, {
    port: 8417, // registered: http://127.0.0.1:8417/callback
    paste: process.stdin, // over SSH
    signal: interrupted.signal,
  })
}

console.log(await client.session().ky().get("account").json())
await client.close()
