import { test } from "@ellipsis-oauth/mock-server/vitest"
import { expect } from "vitest"
import { signIn } from "./signIn.js"

test("without a network the user stays signed in, and the test does not wait for retries", async ({
  mockServer,
}) => {
  const session = await signIn(mockServer)
  mockServer.clock.advance("2 hours")
  const restore = mockServer.faults.always("any", { wire: "reset" })
  await expect(session.getAccessToken()).rejects.toMatchObject({ action: "retry" })
  expect(session.getSnapshot().status).toBe("stale")

  restore()
  mockServer.clock.advance("1 minute") // the client pauses after a failure
  expect(await session.getAccessToken()).toHaveLength(40)
})

test("a slow response is awaited, and takes no time", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  mockServer.faults.next("refresh", { delay: "5 seconds" })
  const token = session.getAccessToken({ force: true })
  await mockServer.clock.untilWaiting() // the response waits for the clock of the mock server
  mockServer.clock.advance("5 seconds")
  expect(await token).toHaveLength(40)
})

test("ten callers make one refresh, shown by holding the first request back", async ({ mockServer }) => {
  const session = await signIn(mockServer)
  const barrier = mockServer.faults.hold(1, { target: "refresh" })
  const callers = Array.from({ length: 10 }, () => session.getAccessToken({ force: true }))
  await barrier.full
  barrier.release()
  expect(new Set(await Promise.all(callers)).size).toBe(1)
  expect(mockServer).toHaveRefreshedOnce()
})
