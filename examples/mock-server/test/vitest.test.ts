import { test } from "@ellipsis-oauth/mock-server/vitest"
import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"
import { describe, expect } from "vitest"

describe("my app's client", () => {
  test.override("mockServerOptions", { rotation: "always" })

  test("refreshes once, however many ask", async ({ mockServer }) => {
    const client = createTokenClient({
      server: ellipsisDrive({ baseUrl: mockServer.url }),
      clientId: "demo-app",
      clientSecret: "demo-secret",
      redirectUri: "http://localhost:3000/callback",
      fetch: mockServer.fetch,
    })
    const { url, transaction } = await client.createAuthorizationRequest()
    const redirect = await mockServer.fetch(url)
    const session = client.session()
    await session.completeAuthorization(redirect.headers.get("location") ?? "", transaction)

    const tokens = await Promise.all(
      Array.from({ length: 10 }, () => session.getAccessToken({ force: true })),
    )

    expect(new Set(tokens).size).toBe(1)
    expect(mockServer).toHaveRefreshedOnce()
    expect(mockServer).toHaveNoReuse()
    expect(mockServer).toHaveCleanLint({ except: ["refreshed-too-early"] }) // this test asked for it
  })
})
