import { test } from "@ellipsis-oauth/mock-server/vitest"
import { expect } from "vitest"
import { signIn } from "./signIn.js"

test("an expired token is replaced before it is used", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  const first = await session.getAccessToken()

  mockServer.clock.advance("2 hours") // the client reads this clock too
  expect(await session.getAccessToken()).not.toBe(first)
  expect(mockServer).toHaveRefreshedOnce()
})

test("a token that the server alone calls expired is replaced after the 401", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  const first = await session.getAccessToken()

  mockServer.clock.advance("1 minute")
  mockServer.expireAccessTokens() // moves no clock: the client still counts its token as valid
  session.reportRejected(first)
  expect(await session.getAccessToken()).not.toBe(first)
  expect(mockServer).toHaveRefreshedOnce()
})
