import type { TokenState } from "@ellipsis-oauth/core"
import { flushSync } from "react-dom"
import { expect, it, vi } from "vitest"
import { render } from "vitest-browser-react"
import { type MountOptions, RequireLogin, TokenProvider } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

const signedOut: TokenState = { status: "signedOut", reason: "initial" }

it("goes back to the app with the function of its latest render, and mounts the client once for all of them", async () => {
  const client = createTestTokenClient()
  const mount = vi.spyOn(client, "mount")
  const [first, second] = [vi.fn(), vi.fn()]
  const { rerender } = await render(<TokenProvider client={client} navigate={first} />)
  await rerender(<TokenProvider client={client} navigate={second} />)
  expect(mount).toHaveBeenCalledOnce()
  const [options] = mount.mock.lastCall as [MountOptions]
  options.navigate?.("/maps")
  expect([first.mock.calls, second.mock.calls]).toEqual([[], [["/maps"]]])
})

it("leaves the way back to the client where it has no function of its own", async () => {
  const client = createTestTokenClient()
  const mount = vi.spyOn(client, "mount")
  await render(<TokenProvider client={client} />)
  expect(mount).toHaveBeenCalledWith({})
})

it("counts a client as long as one of its providers is on the page", async () => {
  const other = createTestTokenClient({ state: { status: "exchanging" } })
  const login = vi.fn(async () => {})
  const client = createTestTokenClient({ state: { status: "restoring" }, actions: { login } })
  const app = (isWhole: boolean) => (
    <>
      <TokenProvider client={other} />
      {isWhole && <TokenProvider client={other} />}
      <TokenProvider client={client}>
        <RequireLogin>a map</RequireLogin>
      </TokenProvider>
    </>
  )
  const { rerender } = await render(app(true))
  await rerender(app(false))
  flushSync(() => client.setState(signedOut))
  // To leave the page would lose the code that the other client is exchanging.
  expect(login).not.toHaveBeenCalled()
  flushSync(() => other.setState(signedOut))
  await expect.poll(() => login.mock.calls.length).toBe(1)
})
