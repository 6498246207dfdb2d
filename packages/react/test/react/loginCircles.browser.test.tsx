import type { TokenState } from "@ellipsis-oauth/core"
import { TransportError } from "@ellipsis-oauth/core/promise"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { RequireLogin, TokenProvider } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

const signedOut: TokenState = { status: "signedOut", reason: "initial" }

beforeEach(() => sessionStorage.clear())

afterEach(() => {
  vi.restoreAllMocks()
  sessionStorage.clear()
})

/** A page that was just loaded, over a client that leaves the page for a login. */
const load = async ({ isLoggedOut = false, state = signedOut } = {}) => {
  const login = vi.fn(async () => client.setState({ status: "signingIn", method: "redirect" }))
  const client = Object.assign(createTestTokenClient({ state, actions: { login } }), {
    hasLoggedOut: () => isLoggedOut,
  })
  const { container, unmount } = await render(
    <TokenProvider client={client}>
      <RequireLogin fallback="one moment">a map</RequireLogin>
    </TokenProvider>,
  )
  return { login, unmount, shown: () => container.textContent }
}

it("begins three logins within a minute, then offers the next one, and goes on after that minute", async () => {
  const start = Date.now()
  const now = vi.spyOn(Date, "now").mockReturnValue(start)
  for (const second of [0, 10, 20]) {
    now.mockReturnValue(start + second * 1000)
    const { login, unmount, shown } = await load()
    await expect.poll(() => login.mock.calls.length).toBe(1)
    expect(shown()).toBe("one moment")
    await unmount()
  }
  now.mockReturnValue(start + 59_000)
  const fourth = await load()
  await expect.poll(fourth.shown).toBe("Sign in")
  expect(fourth.login).not.toHaveBeenCalled()
  await page.getByRole("button", { name: "Sign in" }).click()
  expect(fourth.login).toHaveBeenCalledOnce()
  await fourth.unmount()
  now.mockReturnValue(start + 60_000)
  const later = await load()
  await expect.poll(() => later.login.mock.calls.length).toBe(1)
})

it("begins none in a browser where the user has logged out, and offers one", async () => {
  const { login, shown } = await load({ isLoggedOut: true })
  expect(shown()).toBe("Sign in")
  expect(login).not.toHaveBeenCalled()
})

it("shows why a login of its button did not begin", async () => {
  const error = new TransportError({ reason: "offline", sent: "no" })
  const { login } = await load({ state: { status: "signedOut", reason: "logout" } })
  login.mockRejectedValueOnce(error)
  await page.getByRole("button", { name: "Sign in" }).click()
  await expect.element(page.getByRole("alert")).toHaveTextContent(error.userMessage)
})
