/** The cookie that tells a page whether it is worth asking for a token, and the response to a page that asks. */
import { describe, expect, it } from "vitest"
import { appOrigin, base, startApp } from "./fixtures.js"

const quiet = { prefer: "signed-out=200" }

describe("the hint cookie", () => {
  it("is set at the login, for as long as the session, and removed at the logout", async () => {
    const { signedIn, server } = startApp()
    const own = await signedIn()
    const hint = /^__Host-ellipsis-signed-in=([0-9a-z]{8,9})$/.exec(own.readableCookies(appOrigin))?.[1] ?? ""
    expect(Number.parseInt(hint, 36)).toBe(server.clock.now())
    server.clock.advance("29 days")
    expect(own.readableCookies(appOrigin)).toContain(hint)
    server.clock.advance("2 days")
    expect(own.readableCookies(appOrigin)).toBe("")
    const other = await signedIn()
    await other.post(`${base}/logout`)
    expect(other.readableCookies(appOrigin)).toBe("")
  })

  it("has a new value after each login", async () => {
    const { signedIn, server } = startApp()
    const own = await signedIn()
    const first = own.readableCookies(appOrigin)
    server.clock.advance(1)
    await own.visit(`${base}/login`)
    expect(own.readableCookies(appOrigin)).not.toBe(first)
  })

  it("is set again with the next token, if the browser has lost it or has a forged one", async () => {
    const { signedIn } = startApp()
    const own = await signedIn()
    const hint = own.readableCookies(appOrigin)
    const jar = own.cookies.get(appOrigin)
    const kept = await own.post(`${base}/token`)
    expect(kept.headers.getSetCookie()).toEqual([])
    jar?.delete("__Host-ellipsis-signed-in")
    await own.post(`${base}/token`)
    expect(own.readableCookies(appOrigin)).toBe(hint)
    jar?.set("__Host-ellipsis-signed-in", { value: "forged", expiresAt: Number.POSITIVE_INFINITY })
    await own.post(`${base}/token`)
    expect(own.readableCookies(appOrigin)).toBe(hint)
  })

  it("gives no access", async () => {
    const { browser, signedIn } = startApp()
    const cookie = (await signedIn()).readableCookies(appOrigin)
    const eve = browser()
    expect((await eve.post(`${base}/token`, { cookie })).status).toBe(401)
    expect((await eve.post(`${base}/logout`, { cookie })).status).toBe(204)
  })
})

describe("a page that prefers status 200", () => {
  it("gets status 200 if no user is signed in, and others get 401", async () => {
    const { browser } = startApp()
    const own = browser()
    const asked = await own.post(`${base}/token`, quiet)
    expect(asked.status).toBe(200)
    expect(await asked.json()).toMatchObject({ error: "login_required", action: "login" })
    for (const prefer of ["signed-out=2000", "return=minimal"]) {
      expect((await own.post(`${base}/token`, { prefer })).status).toBe(401)
    }
    expect((await own.post(`${base}/token`, { prefer: "return=minimal, signed-out=200" })).status).toBe(200)
  })

  it("gets it also after the provider has ended the login, and for no other error", async () => {
    const { signedIn, server } = startApp()
    const own = await signedIn()
    const given = await own.post(`${base}/token`, quiet)
    expect(await given.json()).toMatchObject({ access_token: expect.any(String) })
    server.clock.advance("2 hours")
    server.faults.next("token", { reply: { status: 400, body: { error: "invalid_grant" } } })
    const ended = await own.post(`${base}/token`, quiet)
    expect(ended.status).toBe(200)
    expect(await ended.json()).toMatchObject({ error: "login_required" })
    const foreign = await own.post(`${base}/token`, { ...quiet, origin: "https://evil.example" })
    expect(foreign.status).toBe(403)
  })
})

describe("further parameters of a login", () => {
  it("are passed on if the app allows them", async () => {
    const { browser } = startApp({ routes: { allowedExtra: ["prompt", "audience"] } })
    const target = async (query: string) => {
      const response = await browser().send(`${base}/login?${query}`, {
        headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
      })
      return [response.status, new URL(response.headers.get("location") ?? base).searchParams] as const
    }
    const [status, sent] = await target("extra.prompt=login&extra.audience=a%26b&utm_source=mail")
    expect([status, sent.get("prompt"), sent.get("audience")]).toEqual([303, "login", "a&b"])
    expect(sent.has("utm_source")).toBe(false)
    for (const query of [
      "extra.state=x",
      "extra.login_hint=ada",
      "extra.prompt=login&extra.prompt=none",
      "extra.prompt=",
      `extra.prompt=${"x".repeat(1025)}`,
      "extra.=x",
    ]) {
      expect((await target(query))[0]).toBe(400)
    }
  })

  it("are by default those for the user who logs in", async () => {
    const { browser } = startApp()
    const response = await browser().send(
      `${base}/login?extra.prompt=login&extra.login_hint=ada&extra.ui_locales=nl`,
      { headers: { "sec-fetch-mode": "navigate" } },
    )
    const { searchParams } = new URL(response.headers.get("location") ?? base)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      prompt: "login",
      login_hint: "ada",
      ui_locales: "nl",
    })
  })

  it.each([[["state"]], ["prompt"], [[7]]])("cannot be %j", (allowedExtra) => {
    expect(() => startApp({ routes: { allowedExtra } as never })).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError" }),
    )
  })
})
