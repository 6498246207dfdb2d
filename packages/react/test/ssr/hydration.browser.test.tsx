import { hydrateRoot, type Root } from "react-dom/client"
import { afterEach, expect, it, vi } from "vitest"
import { commands, page } from "vitest/browser"
import { client, type PageName, pages, signedOutClient } from "./pages.js"

let root: Root | undefined

afterEach(() => {
  root?.unmount()
  document.body.replaceChildren()
})

/** Takes a page over that another process has rendered, and collects whatever React has to complain about. */
const hydrate = async (name: PageName) => {
  const { html, complaints } = await commands.renderOnServer(name)
  expect(complaints).toEqual([])
  const found: string[] = []
  const complain = (...args: readonly unknown[]) => {
    found.push(args.map(String).join(" "))
  }
  vi.spyOn(console, "error").mockImplementation(complain)
  vi.spyOn(console, "warn").mockImplementation(complain)
  const container = document.createElement("div")
  container.innerHTML = html
  document.body.append(container)
  root = hydrateRoot(container, pages[name](), {
    onRecoverableError: (error) => complain("recovered:", error),
  })
  return found
}

it("hydrates the server's HTML without a warning, then shows the state of the browser", async () => {
  const complaints = await hydrate("everything")
  await expect.element(page.getByTestId("status")).toHaveTextContent("ready")
  await expect.element(page.getByTestId("token")).toHaveTextContent("secret-access-token")
  await expect.element(page.getByTestId("settled")).toHaveTextContent("ready")
  expect(complaints).toEqual([])
  expect(client.mounts).toBe(1)
})

it("hydrates the fallback of RequireLogin without a warning, then shows its children or starts a login", async () => {
  const complaints = await hydrate("loginRequired")
  await expect.element(page.getByTestId("token")).toHaveTextContent("secret-access-token")
  await expect.poll(() => signedOutClient.getSnapshot().status).toBe("signingIn")
  await expect.element(page.getByTestId("leaving")).toBeVisible()
  signedOutClient.setState({ status: "signedOut", reason: "logout" })
  await expect.element(page.getByRole("button", { name: "Sign in" })).toBeVisible()
  expect(complaints).toEqual([])
})

it("renders in the browser what useTokenSuspense kept the server from rendering", async () => {
  const complaints = await hydrate("ungated")
  await expect.element(page.getByTestId("settled")).toHaveTextContent("ready")
  // React tells of it, and of nothing else; a TokenGate around it avoids that.
  expect(complaints).toHaveLength(1)
  expect(complaints[0]).toMatch(/^recovered:.*useTokenSuspense cannot know on a server/s)
})
