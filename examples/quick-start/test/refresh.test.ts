import { test } from "@ellipsis-oauth/mock-server/vitest"
import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"
import { expect } from "vitest"

test("ten callers make one refresh", async ({ mockServer }) => {
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: mockServer.url }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    fetch: mockServer.fetch, // no socket
    now: mockServer.clock.now, // no waiting
  })
  const { code } = mockServer.authorize({ clientId: "demo-app" }) // as if a user had approved
  const session = client.session("ada")
  await session.importToken(await client.exchangeAuthorizationCode({ code }))

  mockServer.clock.advance("2 hours") // the access token has expired
  const tokens = await Promise.all(Array.from({ length: 10 }, () => session.getAccessToken()))

  expect(new Set(tokens).size).toBe(1)
  expect(mockServer).toHaveRefreshedOnce()
})
