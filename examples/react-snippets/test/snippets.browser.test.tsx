import { createTestTokenClient, TestTokenProvider } from "@ellipsis-oauth/react/testing"
import { expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { SignedOutElsewhere } from "../src/events.js"
import { OtherAccount, SignOut } from "../src/login-options.js"

it("the buttons log in and out with their options", async () => {
  const login = vi.fn(async () => {})
  const logout = vi.fn(async () => {})
  await render(
    <TestTokenProvider actions={{ login, logout }}>
      <OtherAccount email="ada@example.com" />
      <SignOut />
    </TestTokenProvider>,
  )
  await page.getByRole("button", { name: "Log in as ada@example.com" }).click()
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
  await expect.element(page.getByText("You signed out in another tab.")).toBeVisible()
})
