import { TestTokenProvider } from "@ellipsis-oauth/react/testing"
import { expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { SignedIn } from "../src/gate.js"

it("shows the map to users who are signed in", async () => {
  await render(
    <TestTokenProvider>
      <SignedIn>A map</SignedIn>
    </TestTokenProvider>,
  )
  await expect.element(page.getByText("A map")).toBeVisible()
})

it("offers the login to others", async () => {
  const login = vi.fn(async () => {})
  await render(
    <TestTokenProvider state={{ status: "signedOut", reason: "initial" }} actions={{ login }}>
      <SignedIn>A map</SignedIn>
    </TestTokenProvider>,
  )
  await page.getByRole("button", { name: "Sign in to Ellipsis Drive" }).click()
  expect(login).toHaveBeenCalledOnce()
})
