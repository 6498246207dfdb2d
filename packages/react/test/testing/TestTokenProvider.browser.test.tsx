import type { TokenState } from "@ellipsis-oauth/core"
import type { ReactNode } from "react"
import { flushSync } from "react-dom"
import { describe, expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { TokenGate, useAccessToken, useTokenActions } from "../../src/index.js"
import {
  createTestTokenClient,
  TestTokenProvider,
  type TestTokenProviderProps,
} from "../../src/testing/index.js"

const App = () => {
  const { login, logout } = useTokenActions()
  const token = useAccessToken()
  return (
    <TokenGate
      fallback="one moment"
      signedOut={
        <button type="button" onClick={() => void login()}>
          Sign in
        </button>
      }
    >
      <output>{token}</output>
      <button type="button" onClick={() => void logout()}>
        Sign out
      </button>
    </TokenGate>
  )
}

const within = (props: TestTokenProviderProps): ReactNode => (
  <TestTokenProvider {...props}>
    <App />
  </TestTokenProvider>
)

const signedOut: TokenState = { status: "signedOut", reason: "initial" }

describe("TestTokenProvider", () => {
  it("is signed in by default, and signs out and in", async () => {
    await render(within({}))
    const output = page.getByRole("status")
    await expect.element(output).toHaveTextContent("test-access-token")
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("button", { name: "Sign in" }).click()
    await expect.element(output).toHaveTextContent("test-access-token")
  })

  it("uses the new state and token of a later render, and keeps its own otherwise", async () => {
    const { rerender, container } = await render(within({ state: { ...signedOut } }))
    await page.getByRole("button", { name: "Sign in" }).click()
    await rerender(within({ state: { ...signedOut } }))
    await expect.element(page.getByRole("button", { name: "Sign out" })).toBeVisible()
    await rerender(within({ state: { status: "restoring" } }))
    expect(container.textContent).toBe("one moment")
    const ready: TokenState = { status: "ready", scope: [], refresh: { phase: "idle" } }
    await rerender(within({ state: ready, accessToken: "another" }))
    await expect.element(page.getByRole("status")).toHaveTextContent("another")
  })

  it("calls the actions of the test", async () => {
    const login = vi.fn(async () => {})
    await render(within({ state: signedOut, actions: { login } }))
    await page.getByRole("button", { name: "Sign in" }).click()
    expect(login).toHaveBeenCalledTimes(1)
    await expect.element(page.getByRole("button", { name: "Sign in" })).toBeVisible()
  })

  it("accepts a client of the test", async () => {
    const client = createTestTokenClient()
    await render(within({ client }))
    flushSync(() => client.setState(signedOut))
    await expect.element(page.getByRole("button", { name: "Sign in" })).toBeVisible()
  })
})

describe("createTestTokenClient", () => {
  it("makes no request, and the error says how to pass a response", async () => {
    const fetch = vi.spyOn(globalThis, "fetch")
    await expect(createTestTokenClient().fetch("https://api.example.com")).rejects.toThrow("actions={{ fetch")
    expect(fetch).not.toHaveBeenCalled()
    const answered = createTestTokenClient({ actions: { fetch: async () => new Response("yes") } })
    expect(await (await answered.fetch("https://api.example.com")).text()).toBe("yes")
  })

  it("returns the token to a user who is signed in", async () => {
    const client = createTestTokenClient({ accessToken: "one" })
    expect(await client.getAccessToken()).toBe("one")
    expect(client.peekAccessToken()).toBe("one")
    client.setState({ status: "stale", refresh: { phase: "idle" } })
    expect(client.peekAccessToken()).toBeUndefined()
    expect(await client.getAccessToken()).toBe("one")
    client.setState(signedOut)
    await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "LoginRequired" })
  })

  it("emits events to listeners until they unsubscribe", () => {
    const client = createTestTokenClient()
    const listener = vi.fn()
    const stop = client.subscribeEvents(listener)
    client.emit({ type: "refreshStarted", key: "test", at: 0 })
    stop()
    client.emit({ type: "refreshStarted", key: "test", at: 1 })
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it("gives the token to no URL, unless the test says so", () => {
    expect(createTestTokenClient().authorizes("https://api.ellipsis-drive.com/v3")).toBe(false)
    const client = createTestTokenClient({ actions: { authorizes: () => true } })
    expect(client.authorizes("https://api.example.com")).toBe(true)
  })
})
