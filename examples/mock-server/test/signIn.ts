import type { MockServer } from "@ellipsis-oauth/mock-server"
import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"

/** A user of an app, signed in at the mock server: no socket, and one clock for both. */
export const signIn = async (mockServer: MockServer, user = "ada") => {
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: mockServer.url }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUri: "http://localhost:3000/callback",
    fetch: mockServer.fetch,
    now: mockServer.clock.now,
    deadline: "1 second", // how long a refresh is tried again
  })
  const { url, transaction } = await client.createAuthorizationRequest()
  const redirect = await mockServer.fetch(url)
  const session = client.session(user)
  await session.completeAuthorization(redirect.headers.get("location") ?? "", transaction)
  return session
}
