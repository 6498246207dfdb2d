import { TransportError } from "@ellipsis-oauth/core/promise"
import axe from "axe-core"
import { flushSync } from "react-dom"
import { afterEach, describe, expect, it, vi } from "vitest"
import { commands, page, userEvent } from "vitest/browser"
import { render } from "vitest-browser-react"
import { TokenDevtools } from "../../src/devtools/index.js"
import { TokenProvider } from "../../src/index.js"
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
  it("opens and closes by keyboard, and gives the focus back", async () => {
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

  it("keeps the last 50 events", async () => {
    const { client, container, change } = await open()
    for (let at = 0; at < 60; at++) change(() => client.emit({ type: "refreshStarted", key: "default", at }))
    expect(container.querySelectorAll("ol > li")).toHaveLength(50)
  })

  it("refreshes and signs out for a developer, and takes failures as they come", async () => {
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

  it("lists the tabs that have it open, and forgets those that have gone", async () => {
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

  it("takes no notice of reports that it does not understand", async () => {
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
