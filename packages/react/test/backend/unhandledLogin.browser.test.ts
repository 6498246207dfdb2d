import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { createBackendTokenClient } from "../../src/index.js"

/** What the browser reports as unhandled. It goes no further, because the runner would report it too. */
const unhandled: unknown[] = []

const onUnhandled = (event: PromiseRejectionEvent) => {
  event.preventDefault()
  event.stopImmediatePropagation()
  unhandled.push(event.reason)
}

beforeEach(() => {
  unhandled.length = 0
  window.addEventListener("unhandledrejection", onUnhandled, { capture: true })
})

afterEach(() => {
  window.removeEventListener("unhandledrejection", onUnhandled, { capture: true })
  vi.restoreAllMocks()
})

const client = createBackendTokenClient({ basePath: "/auth-unhandled" })

/** The browser reports in a task of its own. */
const tasks = async () => {
  for (let count = 0; count < 3; count++) await new Promise((resolve) => setTimeout(resolve))
}

it("reports a mistake of the app in onClick={() => login()}", async () => {
  void client.login({ method: "popup" })
  await expect.poll(() => unhandled).toMatchObject([{ _tag: "ConfigurationError", action: "fix" }])
})

it("reports no failure that the state shows", async () => {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(false)
  void client.login()
  await tasks()
  expect(unhandled).toEqual([])
  await expect(client.login()).rejects.toMatchObject({ _tag: "TransportError", reason: "offline" })
})
