import { faultCatalog } from "@ellipsis-oauth/mock-server"
import { test } from "@ellipsis-oauth/mock-server/vitest"
import { expect } from "vitest"
import { signIn } from "./signIn.js"

test("a refresh that fails signs nobody out, and the next one works", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  mockServer.clock.advance("2 hours")
  mockServer.faults.next("refresh", { reply: { status: 503 } })
  await expect(session.getAccessToken()).rejects.toMatchObject({ action: "retry" })

  mockServer.clock.advance("1 minute") // the client pauses after a failure
  await session.getAccessToken()
  expect(mockServer).toHaveRefreshedOnce()
})

test("a refresh token that is refused needs a login", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  mockServer.faults.next("refresh", faultCatalog.refusedGrant)
  await expect(session.getAccessToken({ force: true })).rejects.toMatchObject({ _tag: "LoginRequired" })
  expect(session.getSnapshot().status).toBe("signedOut")
})

test("a user whose grant is revoked needs a login", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  mockServer.revokeFamily(mockServer.families[0]?.id ?? "")
  await expect(session.getAccessToken({ force: true })).rejects.toMatchObject({ _tag: "LoginRequired" })
})
