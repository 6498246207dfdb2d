import type { TokenState } from "@ellipsis-oauth/core"
import { LoginRequired } from "@ellipsis-oauth/core/promise"
import { flushSync } from "react-dom"
import { expect, it, vi } from "vitest"
import { page } from "vitest/browser"
import { render } from "vitest-browser-react"
import { TokenGate, type TokenGateProps, TokenProvider, useToken } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"
import { counter, Reader } from "./counting.js"

const idle = { phase: "idle" } as const

const ready = (scope: readonly string[]): TokenState => ({ status: "ready", scope, refresh: idle })

const setup = async (props: Omit<TokenGateProps, "children"> = {}, state?: TokenState) => {
  const client = createTestTokenClient(state === undefined ? {} : { state })
  const count = counter()
  const { container } = await render(
    <TokenProvider client={client}>
      <TokenGate fallback="one moment" signedOut="log in" insufficientScope="not allowed" {...props}>
        <Reader use={useName} count={count} />
        <input aria-label="name" />
      </TokenGate>
    </TokenProvider>,
  )
  return {
    client,
    count,
    shown: () => container.textContent,
    change: (next: TokenState) => flushSync(() => client.setState(next)),
  }
}

const useName = () => useToken(() => "inside")

it("shows the part for the state", async () => {
  const { change, shown } = await setup({}, { status: "restoring" })
  expect(shown()).toBe("one moment")
  change({ status: "signedOut", reason: "initial" })
  expect(shown()).toBe("log in")
  change({ status: "signingIn", method: "popup" })
  expect(shown()).toBe("log in")
  change({ status: "exchanging" })
  expect(shown()).toBe("one moment")
  change(ready([]))
  expect(shown()).toBe('"inside"')
})

it("keeps its children, and what was typed into them, through refreshes, failures and expiry", async () => {
  const { change, count } = await setup({ scope: "projects" })
  const input = page.getByLabelText("name")
  await input.fill("Ada")
  const error = new LoginRequired({ reason: "noToken", key: "test" })
  change({ status: "ready", scope: ["projects"], refresh: { phase: "refreshing" } })
  change({ status: "ready", scope: ["projects"], refresh: idle, login: "popup" })
  change({ status: "stale", refresh: idle, login: "popup" })
  change({ status: "stale", refresh: { phase: "failed", error, retryAt: 0 } })
  change({ status: "stale", refresh: { phase: "offline" } })
  change(ready(["projects"]))
  await expect.element(input).toHaveValue("Ada")
  expect(count.renders).toBe(1)
})

it.each([
  ["projects", ["projects", "other"], '"inside"'],
  ["projects files", ["projects"], "not allowed"],
  [["projects", "files"], ["projects"], "not allowed"],
  [["files"], [], "not allowed"],
  ["", [], '"inside"'],
])("wants the scope %j of a token for %j: %s", async (scope, granted, expected) => {
  const { shown } = await setup({ scope }, ready(granted))
  expect(shown()).toBe(expected)
})

it("passes the missing scope, and the signed-out state, to functions", async () => {
  const signedOut = vi.fn(() => "log in")
  const insufficientScope = vi.fn(() => "not allowed")
  const { change } = await setup({ scope: "a b c", signedOut, insufficientScope }, ready(["b"]))
  expect(insufficientScope).toHaveBeenLastCalledWith(["a", "c"])
  change({ status: "signedOut", reason: "elsewhere" })
  expect(signedOut).toHaveBeenLastCalledWith({ status: "signedOut", reason: "elsewhere" })
  change({ status: "signingIn", method: "popup" })
  expect(signedOut).toHaveBeenLastCalledWith({ status: "signingIn", method: "popup" })
})

it("shows nothing without properties", async () => {
  const client = createTestTokenClient({ state: { status: "restoring" } })
  const { container } = await render(
    <TokenProvider client={client}>
      <TokenGate scope="files">inside</TokenGate>
    </TokenProvider>,
  )
  for (const state of [
    { status: "restoring" },
    { status: "signedOut", reason: "initial" },
    ready([]),
  ] as const) {
    flushSync(() => client.setState(state))
    expect(container.textContent).toBe("")
  }
})
