/** The cached path: a valid token is in hand, and the app asks for it. */
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"
import { OAuth2Client } from "google-auth-library"
import { AuthorizationCode } from "simple-oauth2"
import { test } from "vitest"

const makeSession = async () => {
  const server = createMockServer()
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: server.url }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUri: "http://localhost:3000/callback",
    fetch: (url, init) => server.fetch(url, init),
  })
  const { url, transaction } = await client.createAuthorizationRequest()
  const redirect = await server.fetch(url, { redirect: "manual" })
  const session = client.session()
  await session.completeAuthorization(redirect.headers.get("location") ?? "", transaction)
  return session
}

test("a valid access token from memory", async ({ bench }) => {
  const session = await makeSession()

  const google = new OAuth2Client({ clientId: "demo-app", clientSecret: "demo-secret" })
  google.setCredentials({
    access_token: "access",
    refresh_token: "refresh",
    expiry_date: Date.now() + 3_600_000,
  })

  const simple = new AuthorizationCode({
    client: { id: "demo-app", secret: "demo-secret" },
    auth: { tokenHost: "http://localhost" },
  }).createToken({ access_token: "access", refresh_token: "refresh", expires_in: 3600 })

  await bench.compare(
    bench("session.getAccessToken()", async () => {
      await session.getAccessToken()
    }),
    bench("google-auth-library: getAccessToken()", async () => {
      await google.getAccessToken()
    }),
    bench("simple-oauth2: expired(), then token", async () => {
      if (simple.expired(60)) throw new Error("expired")
      await simple.token
    }),
    { time: 500 },
  )
})
