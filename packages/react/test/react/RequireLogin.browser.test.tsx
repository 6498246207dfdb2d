import type { SignedOutReason, TokenState } from "@ellipsis-oauth/core"
import {
  AuthorizationErrorResponse,
  LoginAbandoned,
  LoginRequired,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import axe from "axe-core"
import { type ReactNode, StrictMode } from "react"
import { flushSync } from "react-dom"
import { expect, it, vi } from "vitest"
import { page, userEvent } from "vitest/browser"
import { render } from "vitest-browser-react"
import { RequireLogin, type RequireLoginProps, TokenProvider } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

const ready: TokenState = { status: "ready", scope: ["projects"], refresh: { phase: "idle" } }
const signedOut = (reason: SignedOutReason): TokenState => ({ status: "signedOut", reason })

const setup = async (state: TokenState, props: RequireLoginProps = {}, login = vi.fn(async () => {})) => {
  const client = createTestTokenClient({ state, actions: { login } })
  const page = (children: ReactNode) => (
    <RequireLogin fallback="one moment" {...props}>
      {children}
    </RequireLogin>
  )
  const { container, unmount } = await render(
    <StrictMode>
      <TokenProvider client={client}>{page(<input aria-label="name" />)}</TokenProvider>
    </StrictMode>,
  )
  const change = (next: TokenState) => flushSync(() => client.setState(next))
  return { client, container, unmount, login, change, shown: () => container.textContent }
}

const button = page.getByRole("button", { name: "Sign in" })

it.each([["initial"], ["expired"], ["revoked"]] as const)(
  "begins one login where a user is signed out: %s",
  async (reason) => {
    const { login, change, shown } = await setup({ status: "restoring" })
    expect(shown()).toBe("one moment")
    change({ status: "exchanging" })
    expect(shown()).toBe("one moment")
    expect(login).not.toHaveBeenCalled()
    change(signedOut(reason))
    expect(login).toHaveBeenCalledOnce()
    change({ status: "signingIn", method: "redirect" })
    expect(shown()).toBe("one moment")
    change(ready)
    await expect.element(page.getByLabelText("name")).toBeVisible()
    expect(login).toHaveBeenCalledOnce()
  },
)

it("begins one after the end of a session whose state tells why", async () => {
  const { login, change } = await setup(ready)
  const error = new LoginRequired({ reason: "revoked", key: "test" })
  change({ status: "signedOut", reason: "revoked", error })
  expect(login).toHaveBeenCalledOnce()
})

it.each(["logout", "elsewhere"] as const)("begins none after a sign-out: %s", async (reason) => {
  const { login, change, shown } = await setup(ready)
  change(signedOut(reason))
  expect(shown()).toBe("Sign in")
  expect(login).not.toHaveBeenCalled()
  await button.click()
  expect(login).toHaveBeenCalledOnce()
})

it.each([
  ["login", new AuthorizationErrorResponse({ error: "access_denied" })],
  ["retry", new AuthorizationErrorResponse({ error: "server_error" })],
  ["fix", new AuthorizationErrorResponse({ error: "invalid_scope" })],
])("shows an error that asks for: %s, and offers a login", async (action, error) => {
  const { login } = await setup({ status: "signedOut", reason: "initial", error })
  expect(error.action).toBe(action)
  await expect.element(page.getByRole("alert")).toHaveTextContent(error.userMessage)
  expect(login).not.toHaveBeenCalled()
  await button.click()
  expect(login).toHaveBeenCalledOnce()
})

it("offers another login where the one that it began is back in the same state", async () => {
  const before = signedOut("initial")
  const { login, change, shown } = await setup(before)
  change({ status: "signingIn", method: "redirect" })
  change(before)
  await expect.poll(shown).toBe("Sign in")
  expect(login).toHaveBeenCalledOnce()
})

it("shows why the login that it began came to nothing, on each part of the page", async () => {
  const error = new TransportError({ reason: "offline", sent: "no" })
  const login = vi.fn(() => Promise.reject(error))
  const client = createTestTokenClient({ state: signedOut("initial"), actions: { login } })
  await render(
    <StrictMode>
      <TokenProvider client={client}>
        {["a map", "a list", "a menu"].map((name) => (
          <section key={name} aria-label={name}>
            <RequireLogin>{name}</RequireLogin>
          </section>
        ))}
      </TokenProvider>
    </StrictMode>,
  )
  for (const name of ["a map", "a list", "a menu"]) {
    const part = page.getByRole("region", { name })
    await expect.element(part.getByRole("alert")).toHaveTextContent(error.userMessage)
    await expect.element(part.getByRole("button")).toBeVisible()
  }
  expect(login).toHaveBeenCalledOnce()
})

it("gives a view of the app's own the state with the error, and keeps it while a popup is open", async () => {
  const error = new TransportError({ reason: "offline", sent: "no" })
  const view = vi.fn((_state: TokenState) => "my own")
  const state = signedOut("initial")
  const { change, shown } = await setup(
    state,
    { signedOut: view },
    vi.fn(() => Promise.reject(error)),
  )
  await expect.poll(shown).toBe("my own")
  expect(view).toHaveBeenLastCalledWith({ ...state, error })
  change({ status: "signingIn", method: "popup" })
  expect(shown()).toBe("my own")
  expect(view).toHaveBeenLastCalledWith({ status: "signingIn", method: "popup" })
})

it("waits until the page is shown", async () => {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true)
  try {
    const { login, change, shown } = await setup(ready)
    change(signedOut("expired"))
    expect(shown()).toBe("one moment")
    expect(login).not.toHaveBeenCalled()
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event("visibilitychange"))
    document.dispatchEvent(new Event("visibilitychange"))
    expect(login).toHaveBeenCalledOnce()
  } finally {
    hidden.mockRestore()
  }
})

it("begins none where another tab has signed in before the page is shown, or where it is gone", async () => {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true)
  try {
    const { login, change, unmount } = await setup(signedOut("expired"))
    change(ready)
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event("visibilitychange"))
    hidden.mockReturnValue(true)
    change(signedOut("expired"))
    await unmount()
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event("visibilitychange"))
    expect(login).not.toHaveBeenCalled()
  } finally {
    hidden.mockRestore()
  }
})

it("begins another one for each session that ends", async () => {
  const { login, change } = await setup(ready)
  for (const times of [1, 2]) {
    change(signedOut("expired"))
    expect(login).toHaveBeenCalledTimes(times)
    change(ready)
  }
})

it("looks at the scope as a TokenGate does", async () => {
  const { shown, login } = await setup(ready, { scope: "files", insufficientScope: "not allowed" })
  expect(shown()).toBe("not allowed")
  expect(login).not.toHaveBeenCalled()
})

it("offers the login to the keyboard and to screen readers", async () => {
  const error = new AuthorizationErrorResponse({ error: "access_denied" })
  const { login, container } = await setup({ status: "signedOut", reason: "initial", error })
  const { violations } = await axe.run(container)
  expect(violations).toEqual([])
  await userEvent.tab()
  await expect.element(button).toHaveFocus()
  await userEvent.keyboard("{Enter}")
  expect(login).toHaveBeenCalledOnce()
  await userEvent.keyboard(" ")
  expect(login).toHaveBeenCalledTimes(2)
})

it("lets another client of the page finish its login before it begins its own", async () => {
  const clients = ["one", "two"].map((name) => {
    const login = vi.fn(async () => client.setState({ status: "signingIn", method: "redirect" }))
    const client = createTestTokenClient({ state: { status: "restoring" }, actions: { login } })
    return { name, client, login }
  })
  const [one, two] = clients
  if (one === undefined || two === undefined) throw new Error("no clients")
  const { container } = await render(
    <StrictMode>
      {clients.map(({ name, client }) => (
        <TokenProvider key={name} client={client}>
          <RequireLogin fallback="one moment">{name}</RequireLogin>
        </TokenProvider>
      ))}
    </StrictMode>,
  )
  const change = async ({ client }: typeof one, state: TokenState) => {
    flushSync(() => client.setState(state))
    await new Promise((resolve) => setTimeout(resolve))
  }
  await change(two, signedOut("initial"))
  expect(two.login).not.toHaveBeenCalled()
  await change(one, { status: "exchanging" })
  expect(two.login).not.toHaveBeenCalled()
  await change(one, ready)
  expect(two.login).toHaveBeenCalledOnce()
  await change(one, signedOut("expired"))
  expect(one.login).not.toHaveBeenCalled()
  await change(two, { status: "signedOut", reason: "initial", error: new LoginAbandoned({}) })
  expect(one.login).toHaveBeenCalledOnce()
  expect(two.login).toHaveBeenCalledOnce()
  expect(container.textContent).toContain("Sign in")
})

it("waits for another client that is restoring, but not for ever", async () => {
  const other = createTestTokenClient({ state: { status: "restoring" } })
  const login = vi.fn(async () => {})
  const client = createTestTokenClient({ state: signedOut("initial"), actions: { login } })
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  try {
    await render(
      <StrictMode>
        <TokenProvider client={other} />
        <TokenProvider client={client}>
          <RequireLogin>a map</RequireLogin>
        </TokenProvider>
      </StrictMode>,
    )
    await vi.advanceTimersByTimeAsync(14_900)
    expect(login).not.toHaveBeenCalled()
    flushSync(() => other.setState({ status: "exchanging" }))
    await vi.advanceTimersByTimeAsync(100)
    // A code that is being exchanged would be lost.
    expect(login).not.toHaveBeenCalled()
    flushSync(() => other.setState({ status: "restoring" }))
    await vi.advanceTimersByTimeAsync(0)
    expect(login).toHaveBeenCalledOnce()
  } finally {
    vi.useRealTimers()
  }
})

it("begins the login of each test, however many tests of this page have begun one", async () => {
  for (let tests = 1; tests <= 5; tests++) {
    const login = vi.fn(async () => client.setState({ status: "signingIn", method: "redirect" }))
    const client = createTestTokenClient({ state: signedOut("initial"), actions: { login } })
    const { unmount } = await render(
      <TokenProvider client={client}>
        <RequireLogin>a map</RequireLogin>
      </TokenProvider>,
    )
    await expect.poll(() => login.mock.calls).toHaveLength(1)
    await unmount()
  }
})
