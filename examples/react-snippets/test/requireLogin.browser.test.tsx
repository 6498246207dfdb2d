import { TestTokenProvider } from "@ellipsis-oauth/react/testing"
import { expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { Private } from "../src/require-login.js"

it("sends a new user to the login, and offers it after a sign-out", async () => {
  const login = vi.fn(async () => {})
  const app = (reason: "initial" | "logout") => (
    <TestTokenProvider key={reason} state={{ status: "signedOut", reason }} actions={{ login }}>
      <Private>A map</Private>
    </TestTokenProvider>
  )
  const { rerender } = await render(app("initial"))
  // React runs effects after it has rendered.
  await expect.poll(() => login.mock.calls).toHaveLength(1)
  await rerender(app("logout"))
  const button = page.getByRole("button", { name: "Sign in to Ellipsis Drive" })
  await expect.element(button).toBeVisible()
  expect(login).toHaveBeenCalledOnce()
  await button.click()
  expect(login).toHaveBeenCalledTimes(2)
})
