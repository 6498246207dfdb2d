import { TransportError } from "@ellipsis-oauth/core/promise"
import type { ReactNode } from "react"
import { expect, it, vi } from "vitest"
import { renderHook } from "vitest-browser-react"
import { TokenProvider, useAccessToken, useTokenActions } from "../../src/index.js"
import { createTestTokenClient, type TestTokenClient } from "../../src/testing/index.js"

const within = (client: TestTokenClient) => ({
  wrapper: ({ children }: { readonly children: ReactNode }) => (
    <TokenProvider client={client}>{children}</TokenProvider>
  ),
})

it("passes on what each action is given", async () => {
  const actions = {
    login: vi.fn(async () => {}),
    logout: vi.fn(async () => {}),
    handleCallback: vi.fn(async () => ({ handled: false })),
    getAccessToken: vi.fn(async () => "token"),
    fetch: vi.fn(async () => new Response()),
  }
  const { result } = await renderHook(() => useTokenActions(), within(createTestTokenClient({ actions })))
  const { login, logout, handleCallback, getAccessToken, fetch } = result.current
  const calls = {
    login: [{ scope: "files" }],
    logout: [{ returnTo: "/bye" }],
    handleCallback: ["/callback?code=1&state=2"],
    getAccessToken: [{ minValidity: "10 minutes" }],
    fetch: ["https://api.example.com/maps", { method: "POST" }],
  } as const
  await login(...calls.login)
  await logout(...calls.logout)
  await handleCallback(...calls.handleCallback)
  await getAccessToken(...calls.getAccessToken)
  await fetch(...calls.fetch)
  expect(Object.entries(actions).map(([name, action]) => [name, action.mock.lastCall])).toEqual(
    Object.entries(calls),
  )
})

it("leaves no rejection unhandled where useAccessToken cannot get a token", async () => {
  const unhandled = vi.fn((event: Event) => event.preventDefault())
  window.addEventListener("unhandledrejection", unhandled)
  try {
    let calls = 0
    // No spy: it would handle the rejection.
    const getAccessToken = () => {
      calls++
      return Promise.reject(new TransportError({ reason: "network", sent: "no" }))
    }
    const client = createTestTokenClient({
      state: { status: "stale", refresh: { phase: "idle" } },
      actions: { getAccessToken },
    })
    const { result } = await renderHook(() => useAccessToken(), within(client))
    expect(calls).toBe(1)
    expect(result.current).toBeUndefined()
    // The browser tells of a rejection in a task of its own.
    await new Promise((resolve) => setTimeout(resolve))
    await new Promise((resolve) => setTimeout(resolve))
    expect(unhandled).not.toHaveBeenCalled()
  } finally {
    window.removeEventListener("unhandledrejection", unhandled)
  }
})
