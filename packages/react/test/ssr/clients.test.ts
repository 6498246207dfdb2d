/** In a module that a server loads, without a DOM. */
import { expect, it } from "vitest"
import {
  createBackendTokenClient,
  createBrowserTokenClient,
  type TokenProviderClient,
  whenSettled,
} from "../../src/index.js"

const clients: ReadonlyArray<readonly [string, () => TokenProviderClient]> = [
  ["createBackendTokenClient", () => createBackendTokenClient({ basePath: "/auth" })],
  [
    "createBrowserTokenClient",
    () => createBrowserTokenClient({ clientId: "spa", redirectUri: "https://your.app/callback" }),
  ],
]

it.each(clients)("%s can be made, and shows one frozen state", (_name, create) => {
  expect(typeof document).toBe("undefined")
  const client = create()
  const state = client.getServerSnapshot()
  expect(state).toEqual({ status: "restoring" })
  expect(Object.isFrozen(state)).toBe(true)
  expect(client.getServerSnapshot()).toBe(state)
  expect(client.getSnapshot()).toEqual(state)
  expect(client.peekAccessToken()).toBeUndefined()
  expect(client.authorizes("https://api.ellipsis-drive.com/v3/account")).toBe(true)
  expect(client.authorizes("https://api.ellipsis-drive.com.evil.example/")).toBe(false)
})

it.each(clients)("whenSettled of %s rejects on a server", async (_name, create) => {
  await expect(whenSettled(create())).rejects.toThrow("on a server")
})
