import { createTestTokenClient, TestTokenProvider } from "@ellipsis-oauth/react/testing"
import { RouterProvider } from "@tanstack/react-router"
import { afterAll, expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { makeRouter } from "../src/tanstack-router.js"

const url = location.href
afterAll(() => history.replaceState(null, "", url))

const open = async (path: string, options: Parameters<typeof createTestTokenClient>[0]) => {
  const login = vi.fn(async () => {})
  const fetch = vi.fn(async () => Response.json({ username: "demo" }))
  const client = createTestTokenClient({ ...options, actions: { login, fetch } })
  history.replaceState(null, "", path)
  await render(
    <TestTokenProvider client={client}>
      <RouterProvider router={makeRouter(client)} />
    </TestTokenProvider>,
  )
  return { client, login, fetch }
}

const signedOut = { status: "signedOut", reason: "initial" } as const

it("sends a user who is signed out to the login, and shows the page to others", async () => {
  const { client, login } = await open("/maps/1", { state: signedOut })
  await expect.poll(() => login).toHaveBeenCalledOnce()
  client.setState({ status: "ready", scope: [], refresh: { phase: "idle" } })
  await expect.element(page.getByRole("heading", { name: "A map" })).toBeVisible()
})

it("waits in the guard until the state is known, and sends a user who is signed out to sign in", async () => {
  const { client, login, fetch } = await open("/account", { state: { status: "restoring" } })
  await expect.poll(() => client.mounts).toBeGreaterThan(1)
  expect(location.pathname).toBe("/account")
  client.setState(signedOut)
  await page.getByRole("button", { name: "Sign in to Ellipsis Drive" }).click()
  expect(login).toHaveBeenCalledWith({ returnTo: "/account" })
  expect(fetch).not.toHaveBeenCalled()
})

it("loads what a user who is signed in asked for", async () => {
  await open("/account", {})
  await expect.element(page.getByRole("heading", { name: "demo" })).toBeVisible()
})
