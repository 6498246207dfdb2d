import { createTestTokenClient, TestTokenProvider } from "@ellipsis-oauth/react/testing"
import { StrictMode } from "react"
import { RouterProvider } from "react-router"
import { afterAll, expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { router } from "../src/react-router.js"

const url = location.href
afterAll(() => history.replaceState(null, "", url))

const refused = Object.assign(new Error("access_denied"), {
  userMessage: "You did not give access.",
}) as never

const open = async (path: string, state: Parameters<typeof createTestTokenClient>[0]) => {
  const login = vi.fn(async () => {})
  const client = createTestTokenClient({ ...state, actions: { login } })
  await router.navigate(path)
  await render(
    <StrictMode>
      <TestTokenProvider client={client}>
        <RouterProvider router={router} />
      </TestTokenProvider>
    </StrictMode>,
  )
  return { login, client }
}

it("sends a user who is signed out to the login, once", async () => {
  const { login, client } = await open("/maps/1", { state: { status: "signedOut", reason: "initial" } })
  expect(login).toHaveBeenCalledOnce()
  client.setState({ status: "signingIn", method: "redirect" })
  await expect.element(page.getByText("One moment…")).toBeVisible()
})

it("shows a refusal and a way on, and starts nothing", async () => {
  const state = { status: "signedOut", reason: "initial", error: refused } as const
  const { login } = await open("/maps/1", { state })
  await expect.element(page.getByRole("alert")).toHaveTextContent("You did not give access.")
  expect(login).not.toHaveBeenCalled()
  await page.getByRole("button", { name: "Sign in" }).click()
  expect(login).toHaveBeenCalledOnce()
})

it("starts nothing on the page that a login comes back to, which has a way on", async () => {
  const { login } = await open("/callback", { state: { status: "signedOut", reason: "initial" } })
  await page.getByRole("link", { name: "To the start" }).click()
  await expect.element(page.getByRole("heading", { name: "Welcome" })).toBeVisible()
  expect(login).not.toHaveBeenCalled()
})
