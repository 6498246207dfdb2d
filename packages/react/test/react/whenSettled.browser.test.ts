import type { TokenState } from "@ellipsis-oauth/core"
import { afterEach, expect, it, vi } from "vitest"
import { whenSettled } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

const signedOut: TokenState = { status: "signedOut", reason: "logout" }

afterEach(() => {
  vi.useRealTimers()
})

it("tells a guard the state of each navigation, not that of the first one", async () => {
  const client = createTestTokenClient()
  expect(await whenSettled(client)).toMatchObject({ status: "ready" })
  client.setState(signedOut)
  expect(await whenSettled(client)).toEqual(signedOut)
})

it("mounts the client once for all guards that wait, and for another second, until the provider has it", async () => {
  vi.useFakeTimers()
  const client = createTestTokenClient({ state: { status: "restoring" } })
  const waits = [whenSettled(client), whenSettled(client)]
  await vi.advanceTimersByTimeAsync(60_000)
  expect(client.mounts).toBe(1)
  client.setState({ status: "exchanging" })
  client.setState(signedOut)
  expect(await Promise.all(waits)).toEqual([signedOut, signedOut])
  await vi.advanceTimersByTimeAsync(999)
  expect(client.mounts).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(client.mounts).toBe(0)
})
