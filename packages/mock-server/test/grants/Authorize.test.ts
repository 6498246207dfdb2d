import { describe, expect, it } from "vitest"
import { OptionError } from "../../src/index.js"
import { last, stillServer } from "../tokens.js"

describe("server.authorize", () => {
  it("returns a code and the redirect that a browser would follow", async () => {
    await using server = stillServer()
    const { code, redirectUrl } = server.authorize({ clientId: "demo-app", state: "a b&c" })
    expect(Object.fromEntries(new URL(redirectUrl).searchParams)).toEqual({ code, state: "a b&c" })
    expect(last(server)).toMatchObject({
      endpoint: "authorize",
      method: "direct",
      decision: "granted",
      clientId: "demo-app",
    })
  })

  it("returns the redirect of a refusal, and does not affect the next user", async () => {
    await using server = stillServer()
    const { redirectUrl } = server.authorize.deny({ clientId: "demo-app", state: "x" })
    expect(Object.fromEntries(new URL(redirectUrl).searchParams)).toEqual({
      error: "access_denied",
      error_description: "The user has refused access.",
      state: "x",
    })
    expect(last(server)).toMatchObject({ decision: "refused", error: "access_denied" })
    const visit = await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app`)
    expect(visit.headers.get("location")).toContain("code=")
  })

  it.each([
    [
      { clientId: "nobody" },
      /^Option "authorize.clientId" must be demo-app or demo-spa, got "nobody"\. No client/,
    ],
    [{ clientId: "demo-app", redirectUri: "https://evil.example" }, /redirect_uri/],
    [
      { clientId: "demo-app", state: "s".repeat(51) },
      /^Option "authorize.state" must be at most 50 characters, got "51 characters"\./,
    ],
    [{ clientId: "demo-app", state: "" }, /^Option "authorize\.state" must be .*, got ""/],
    [{ clientId: "demo-app", codeChallenge: "short" }, /code_challenge/],
    [{ clientId: "demo-app", user: "nobody" }, /^Option "authorize\.user" must be demo, got "nobody"\.$/],
    [{ clientId: "demo-app", redirectURI: "x" }, /^Option "authorize\.redirectURI" is not known/],
  ])("fails where the provider would refuse: %j", (options, message) => {
    const server = stillServer()
    expect(() => server.authorize(options)).toThrow(OptionError)
    expect(() => server.authorize(options)).toThrow(message)
    expect(server.log).toEqual([])
  })

  it("refuses an invalid decision", () => {
    const server = stillServer()
    expect(() => server.authorize.next("maybe" as never)).toThrow(/"approve", "deny" or \{ user \}/)
    expect(() => server.authorize.next({ user: "nobody" })).toThrow(OptionError)
  })
})
