import { ellipsisDrive, storeKey, TransportError } from "@ellipsis-oauth/core/promise"
import axe from "axe-core"
import { flushSync } from "react-dom"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { commands, page, userEvent } from "vitest/browser"
import { render } from "vitest-browser-react"
import { TokenDevtools } from "../../src/devtools/index.js"
import { createBrowserTokenClient, TokenProvider } from "../../src/index.js"
import { createTestTokenClient, type TestTokenClientOptions } from "../../src/testing/index.js"

const secret = "secret-access-token"

const open = async (options: TestTokenClientOptions = {}) => {
  const client = createTestTokenClient({ accessToken: secret, ...options })
  const { container, unmount } = await render(
    <TokenProvider client={client}>
      <TokenDevtools initiallyOpen />
    </TokenProvider>,
  )
  return { client, container, unmount, change: (what: () => void) => flushSync(what) }
}

const failure = new TransportError({ reason: "network", sent: "no" })

afterEach(() => commands.preferColorScheme(null))

describe("the panel", () => {
  it("opens and closes by keyboard, and restores the focus", async () => {
    await render(
      <TokenProvider client={createTestTokenClient()}>
        <TokenDevtools />
      </TokenProvider>,
    )
    const toggle = page.getByRole("button", { name: "Token: ready" })
    await expect.element(toggle).toHaveAttribute("aria-expanded", "false")
    await userEvent.tab()
    await expect.element(toggle).toHaveFocus()
    await userEvent.keyboard("{Enter}")
    await expect.element(page.getByText("None yet.")).toBeVisible()
    await userEvent.tab({ shift: true })
    await expect.element(page.getByRole("button", { name: "Clear events" })).toHaveFocus()
    await userEvent.keyboard("{Escape}")
    await expect.element(toggle).toHaveFocus()
    await expect.element(toggle).toHaveAttribute("aria-expanded", "false")
    await expect.element(page.getByText("None yet.")).not.toBeInTheDocument()
  })

  it("shows the state, the time that is left, and the events, and nothing secret", async () => {
    const { client, container, change } = await open({
      state: {
        status: "ready",
        scope: ["projects"],
        expiresAt: Date.now() + 3_779_000,
        refresh: { phase: "idle" },
      },
    })
    await expect.element(page.getByText(/in 1 h 2 min/)).toBeVisible()
    await expect.element(page.getByText("projects")).toBeVisible()
    const at = Date.now()
    change(() =>
      client.emit({ type: "refreshed", key: "default", at, rotated: true, duration: 41, attempts: 1 }),
    )
    change(() =>
      client.emit({ type: "refreshFailed", key: "default", at, error: failure, duration: 9, attempts: 5 }),
    )
    await expect.element(page.getByText(/refreshed, rotated, 41 ms/)).toBeVisible()
    await expect
      .element(page.getByText(/refreshFailed, 9 ms, TransportError: .*could not be reached/))
      .toBeVisible()
    expect(container.innerHTML).not.toContain(secret)

    change(() =>
      client.setState({
        status: "stale",
        refresh: { phase: "failed", error: failure, retryAt: Date.now() + 30_000 },
      }),
    )
    await expect.element(page.getByText(/in 2\d s/)).toBeVisible()
    change(() => client.setState({ status: "signedOut", reason: "elsewhere" }))
    await expect.element(page.getByText("elsewhere")).toBeVisible()
    await page.getByRole("button", { name: "Clear events" }).click()
    await expect.element(page.getByText("None yet.")).toBeVisible()
  })

  it("shows neither token of a session, whatever happens to it", async () => {
    // A client as apps make it: what it knows has the tokens in it, and a response that quotes them.
    const tokens = ["kanary-access-1", "kanary-refresh-1", "kanary-access-2", "kanary-refresh-2"] as const
    let count = 0
    const client = createBrowserTokenClient({
      clientId: "devtools",
      redirectUri: `${location.origin}/callback`,
      server: ellipsisDrive({ baseUrl: `${location.origin}/v3` }),
      storage: "local",
      persistRefreshToken: true,
      fetch: async (_, init) => {
        if (count++ > 0) {
          const told = `${String(init?.body)} is wrong, and so is ${tokens[3]}`
          return Response.json({ error: "invalid_request", error_description: told }, { status: 400 })
        }
        return Response.json({
          access_token: tokens[2],
          refresh_token: tokens[3],
          token_type: "Bearer",
          expires_in: 3600,
        })
      },
    })
    const key = storeKey(
      { clientId: "devtools", tokenEndpoint: `${location.origin}/v3/oauth/token` },
      "default",
    )
    const token = JSON.stringify({
      version: 1,
      accessToken: tokens[0],
      refreshToken: tokens[1],
      tokenType: "Bearer",
      scope: ["projects"],
      issuedAt: Date.now(),
      expiresAt: Date.now() + 3_600_000,
      extra: {},
    })
    const value = {
      format: 1,
      clientId: "devtools",
      tokenEndpoint: `${location.origin}/v3/oauth/token`,
      token,
    }
    localStorage.setItem(key, JSON.stringify([1, "1", JSON.stringify({ ...value, login: "x", sequence: 1 })]))
    onTestFinished(() => localStorage.removeItem(key))
    const { container } = await render(
      <TokenProvider client={client}>
        <TokenDevtools initiallyOpen />
      </TokenProvider>,
    )
    await expect.element(page.getByRole("button", { name: "Token: ready" })).toBeVisible()
    expect(await client.getAccessToken()).toBe(tokens[0])
    await page.getByRole("button", { name: "Refresh now" }).click()
    await expect.element(page.getByText(/refreshed, rotated/)).toBeVisible()
    expect(client.peekAccessToken()).toBe(tokens[2])
    await page.getByRole("button", { name: "Refresh now" }).click()
    await expect.element(page.getByText(/refreshFailed/)).toBeVisible()
    expect(localStorage.getItem(key)).toContain(tokens[3])
    const shown = container.innerHTML + container.textContent
    expect(tokens.filter((secret) => shown.includes(secret))).toEqual([])
    expect(shown).not.toContain("kanary")
  })

  it("keeps the last 50 events", async () => {
    const { client, container, change } = await open()
    for (let at = 0; at < 60; at++) change(() => client.emit({ type: "refreshStarted", key: "default", at }))
    expect(container.querySelectorAll("ol > li")).toHaveLength(50)
  })

  it("refreshes and signs out for a developer, also if that fails", async () => {
    const getAccessToken = vi.fn(async () => {
      throw failure
    })
    const logout = vi.fn(async () => {})
    await open({ actions: { getAccessToken, logout } })
    await page.getByRole("button", { name: "Refresh now" }).click()
    await page.getByRole("button", { name: "Sign out" }).click()
    expect(getAccessToken).toHaveBeenCalledWith({ force: true })
    expect(logout).toHaveBeenCalledTimes(1)
  })

  it("lists the tabs that have it open, and removes closed ones", async () => {
    document.title = "Maps"
    const { container, change, client } = await open()
    const tabs = () => [...container.querySelectorAll("ul > li")].map(({ textContent }) => textContent)
    await expect.poll(tabs).toEqual(["Maps: ready"])

    const frame = document.body.appendChild(document.createElement("iframe"))
    frame.src = new URL("otherTab.html", import.meta.url).href
    await expect.poll(tabs).toEqual(["Maps: ready", "Other: ready"])
    change(() => client.setState({ status: "signedOut", reason: "logout" }))
    await expect.poll(tabs).toEqual(["Maps: signedOut", "Other: ready"])
    // As a tab that is killed: it says nothing.
    frame.remove()
    const forgotten = () => {
      change(() => client.setState({ status: "signedOut", reason: "logout" }))
      return tabs()
    }
    await expect.poll(forgotten).toEqual(["Maps: signedOut"])
  })

  it("ignores reports of an unknown form", async () => {
    const { container } = await open()
    const tabs = () => [...container.querySelectorAll("ul > li")].map(({ textContent }) => textContent)
    await expect.poll(tabs).toHaveLength(1)
    const channel = new BroadcastChannel("ellipsis-oauth devtools")
    const reports = [
      undefined,
      null,
      5,
      {},
      { id: 1, title: {}, status: [] },
      { id: "x", title: "Other", status: {} },
    ]
    for (const report of reports) channel.postMessage({ type: "report", report })
    for (const message of [null, 5, "who", { type: "another" }]) channel.postMessage(message)
    channel.postMessage({
      type: "report",
      report: { id: "y", title: "Later", status: "ready", isVisible: true },
    })
    channel.postMessage({ type: "who" })
    await expect.poll(tabs).toHaveLength(1)
    channel.close()
  })

  it("has a title, and covers no button of the app on a narrow screen", async () => {
    await page.viewport(360, 640)
    try {
      const { container } = await open()
      await expect.element(page.getByRole("heading", { name: "Token devtools", level: 2 })).toBeVisible()
      const buttons = (["left", "right"] as const).flatMap((side) =>
        (["top", "bottom"] as const).map((edge) => {
          const button = document.createElement("button")
          button.textContent = `${edge} ${side}`
          Object.assign(button.style, { position: "fixed", [side]: "4px", [edge]: "4px" })
          // Before the panel, as an app's own buttons are.
          document.body.prepend(button)
          return button
        }),
      )
      for (const button of buttons) {
        const { x, y, width, height } = button.getBoundingClientRect()
        expect(document.elementFromPoint(x + width / 2, y + height / 2)).toBe(button)
      }
      expect(container.scrollWidth).toBeLessThanOrEqual(360)
      for (const button of buttons) button.remove()
    } finally {
      await page.viewport(1024, 768)
    }
  })

  it.each([
    ["light", "rgb(255, 255, 255)"],
    ["dark", "rgb(28, 32, 38)"],
  ] as const)("has nothing for axe to find where people prefer %s", async (colorScheme, background) => {
    await commands.preferColorScheme(colorScheme)
    const { client, container, change } = await open({
      state: { status: "stale", refresh: { phase: "failed", error: failure, retryAt: Date.now() + 30_000 } },
    })
    change(() => client.emit({ type: "refreshStarted", key: "default", at: Date.now() }))
    await expect.poll(() => container.querySelectorAll("ul > li").length).toBe(1)
    const panel = container.querySelector("section > div") as Element
    expect(getComputedStyle(panel).backgroundColor).toBe(background)
    const { violations } = await axe.run(container, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    })
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([])
  })
})
