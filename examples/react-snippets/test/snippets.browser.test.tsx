import { createTestTokenClient, TestTokenProvider } from "@ellipsis-oauth/react/testing"
import { expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { axiosOf } from "../src/axios.js"
import { SignedOutElsewhere } from "../src/events.js"
import { OtherAccount, SignOut } from "../src/login-options.js"

it("axios goes through the client's fetch", async () => {
  const fetch = vi.fn(async (_input: RequestInfo | URL) => Response.json({ name: "Ada" }))
  const client = createTestTokenClient({ actions: { fetch } })
  const { data } = await axiosOf(client).get("/account")
  expect(data).toEqual({ name: "Ada" })
  const [input] = fetch.mock.calls[0] ?? []
  expect(new Request(input ?? "").url).toBe("https://api.ellipsis-drive.com/v3/account")
})

it("the buttons log in and out with their options", async () => {
  const login = vi.fn(async () => {})
  const logout = vi.fn(async () => {})
  await render(
    <TestTokenProvider actions={{ login, logout }}>
      <OtherAccount email="ada@example.com" />
      <SignOut />
    </TestTokenProvider>,
  )
  await page.getByRole("button", { name: "Log in as" }).click()
  await page.getByRole("button", { name: "Sign out" }).click()
  expect(login).toHaveBeenCalledWith({
    extra: { prompt: "login", login_hint: "ada@example.com", ui_locales: "nl en" },
    returnTo: "/maps",
  })
  expect(logout).toHaveBeenCalledWith({ returnTo: "/goodbye" })
})

it("a sign-out in another tab is told", async () => {
  const client = createTestTokenClient()
  await render(
    <TestTokenProvider client={client}>
      <SignedOutElsewhere />
    </TestTokenProvider>,
  )
  client.emit({ type: "signedOut", reason: "elsewhere", key: "default", at: Date.now() })
  await expect.element(page.getByText("in another tab")).toBeVisible()
})
