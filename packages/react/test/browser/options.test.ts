/** What creating a client checks, and that it does nothing else: this is Node, without a page. */
import { ConfigurationError, ellipsisDrive } from "@ellipsis-oauth/core"
import { describe, expect, expectTypeOf, it } from "vitest"
import { createBrowserTokenClient, type TokenProviderClient } from "../../src/index.js"

const good = { clientId: "spa", redirectUri: "https://app.example/callback" }

const create = (options: object) => createBrowserTokenClient({ ...good, ...options })

describe("createBrowserTokenClient, on a server", () => {
  it("makes a client that is restoring, and stays so", () => {
    const client = create({ storage: "local" })
    const snapshot = client.getServerSnapshot()
    expect(snapshot).toEqual({ status: "restoring" })
    expect(Object.isFrozen(snapshot)).toBe(true)
    expect(client.getServerSnapshot()).toBe(snapshot)
    expect(client.getSnapshot()).toBe(snapshot)
    expect(client.peekAccessToken()).toBe(undefined)
    expectTypeOf(client).toExtend<TokenProviderClient>()
  })

  it("authorizes the server's own origin, and those that are listed in its place", () => {
    expect(create({}).authorizes("https://api.ellipsis-drive.com/v3/account")).toBe(true)
    expect(create({}).authorizes("/relative")).toBe(false)
    const server = ellipsisDrive({ baseUrl: "https://drive.example:8443/v3" })
    expect(create({ server }).authorizes("https://drive.example:8443/tiles/1")).toBe(true)
    for (const url of [
      "https://drive.example/v3",
      "http://drive.example:8443/",
      "https://drive.example:8443.evil.example/",
      "https://drive.example:8443@evil.example/",
      "https://sub.drive.example:8443/",
    ]) {
      expect(create({ server }).authorizes(url), url).toBe(false)
    }
    expect(create({ server, apiOrigins: [] }).authorizes("https://drive.example:8443/")).toBe(false)
  })

  it.each<[string, object, string]>([
    ["clientId", { clientId: undefined }, "missing"],
    ["redirectUri", { redirectUri: undefined }, "missing"],
    ["redirectUri", { redirectUri: "/callback" }, '"/callback"'],
    ["server", { server: {} }, "missing"],
    ["server", { server: null }, "missing"],
    ["clientSecret", { clientSecret: "hunter2" }, "given"],
    ["storage", { storage: "cookie" }, '"cookie"'],
    ["persistRefreshToken", { persistRefreshToken: "false" }, '"false"'],
    ["apiOrigins", { apiOrigins: "https://api.example" }, '"https://api.example"'],
    ["apiOrigins", { apiOrigins: ["https://api.example/"] }, '"https://api.example/"'],
    ["apiOrigins", { apiOrigins: ["*"] }, '"*"'],
    ["navigate", { navigate: "/" }, '"/"'],
    ["fetch", { fetch: {} }, "an object"],
    ["onEvent", { onEvent: true }, "true"],
    ["popup.timeout", { popup: { timeout: "soon" } }, '"soon"'],
    ["timeout", { timeout: 0 }, "0"],
    ["deadline", { deadline: -1 }, "-1"],
    ["now", { now: 5 }, "5"],
    ["scope", { scope: 'a"b' }, "a scope with a character that RFC 6749 §3.3 forbids"],
    ["storge", { storge: "local" }, "an unknown option"],
    ["timout", { popup: { timout: 5 } }, "an unknown option"],
  ])("refuses a bad %s at once: %o", (option, options, got) => {
    let error: unknown
    try {
      create(options)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error).toMatchObject({ option, got })
    expect(String(error)).not.toContain("hunter2")
  })

  it("asks for what is missing where no options are given at all", () => {
    expect(() => createBrowserTokenClient(undefined as never)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "redirectUri", got: "missing" }),
    )
  })

  it("says what an unknown option may have been meant to be, and why there is no secret", () => {
    expect(() => create({ persistRefreshtoken: true })).toThrow('spelled "persistRefreshToken"')
    expect(() => create({ clientSecret: undefined })).toThrow(
      'Option "clientSecret" must not be set: everybody can read what a browser is given, so a public client cannot keep a secret.',
    )
  })

  it("takes undefined for an option that is left out", () => {
    const names = ["server", "storage", "persistRefreshToken", "apiOrigins", "scope", "onEvent", "navigate"]
    const others = ["fetch", "popup", "timeout", "deadline", "now"]
    const left = Object.fromEntries([...names, ...others].map((name) => [name, undefined]))
    expect(create(left).authorizes("https://api.ellipsis-drive.com/v3")).toBe(true)
  })

  it.each([{}, "abort", 7, new AbortController()])("refuses %o as the signal of a call", async (signal) => {
    const client = create({})
    const refused = { _tag: "ConfigurationError", option: "signal" }
    await expect(client.login({ signal: signal as never })).rejects.toMatchObject(refused)
    await expect(client.getAccessToken({ signal: signal as never })).rejects.toMatchObject(refused)
  })
})
