import { describe, expect, it } from "vitest"
import type { MockServer } from "../../src/index.js"
import { s256 } from "../../src/protocol/Pkce.js"
import { account, app, exchange, login, post, redirectUri, refresh, stillServer } from "../tokens.js"

const rules = (server: MockServer) => server.lint().map(({ rule }) => rule)

const challenge = s256("a".repeat(43))

const visit = (server: MockServer, parameters: Record<string, string>) =>
  server.fetch(
    `${server.url}/oauth/authorize?${new URLSearchParams({ response_type: "code", client_id: "demo-app", ...parameters })}`,
  )

const pkce = (verifier: string) => ({ code_challenge: s256(verifier), code_challenge_method: "S256" })

describe("server.lint", () => {
  it("finds nothing in a clean login, use, expiry and refresh", async () => {
    await using server = stillServer({ rotation: "always" })
    const verifier = "v".repeat(43)
    const redirect = await visit(server, { ...pkce(verifier), state: "s1", redirect_uri: redirectUri })
    const code = new URL(redirect.headers.get("location") ?? "").searchParams.get("code") ?? ""
    const { body } = await exchange(server, code, { code_verifier: verifier, redirect_uri: redirectUri })
    await account(server, body.access_token ?? "")
    server.clock.advance("59 minutes")
    await refresh(server, body.refresh_token ?? "")
    expect(server.lint()).toEqual([])
  })

  it("has the entry, a message and the section of the specification", async () => {
    await using server = stillServer()
    await server.fetch(`${server.url}/oauth/token?client_secret=demo-secret`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "demo-app" }),
    })
    expect(server.lint()).toEqual([
      {
        rule: "secret-in-query",
        severity: "error",
        entry: 1,
        section: "RFC 6749 section 2.3.1",
        message: "client_secret was sent in the URL, where logs and histories keep it.",
      },
    ])
  })

  it("accepts reload and Back on the consent page, but finds a reused state", async () => {
    await using server = stillServer({ autoApprove: false })
    const parameters = { ...pkce("v".repeat(43)), state: "s1", redirect_uri: redirectUri }
    const approve = () =>
      server.fetch(`${server.url}/oauth/authorize`, {
        method: "POST",
        body: new URLSearchParams({
          response_type: "code",
          client_id: "demo-app",
          ...parameters,
          decision: "approve",
        }),
      })
    await visit(server, parameters)
    await visit(server, parameters) // F5
    expect((await approve()).status).toBe(303)
    await visit(server, parameters) // Back
    expect((await approve()).status).toBe(303)
    expect(server.lint()).toEqual([])

    await visit(server, { ...parameters, ...pkce("w".repeat(43)) })
    expect(rules(server)).toEqual(["reused-state"])
  })

  it("finds secrets in URLs", async () => {
    await using server = stillServer()
    await visit(server, { ...pkce("v".repeat(43)), client_secret: "x" })
    await server.fetch(`${server.url}/account?access_token=x`)
    expect(rules(server)).toEqual(["secret-in-query", "access-token-in-query"])
  })

  it("finds client authentication sent twice", async () => {
    await using server = stillServer()
    await post(server, { grant_type: "refresh_token", ...app }, { authorization: "Basic eDp5" })
    expect(rules(server)).toEqual(["client-authenticated-twice"])
  })

  it("finds missing, plain and short PKCE, and missing state", async () => {
    await using server = stillServer()
    await visit(server, { state: "s1" })
    await visit(server, {})
    await visit(server, { code_challenge: "a".repeat(43), state: "s2" })
    await exchange(server, "unknown", { code_verifier: "short" })
    expect(rules(server)).toEqual([
      "missing-pkce",
      "missing-pkce",
      "missing-state",
      "plain-pkce",
      "short-verifier",
    ])
  })

  it("finds a reused state and a reused challenge", async () => {
    await using server = stillServer()
    const parameters = { state: "s", code_challenge: challenge, code_challenge_method: "S256" }
    await visit(server, parameters)
    await visit(server, parameters)
    expect(rules(server)).toEqual(["reused-state", "reused-challenge"])
    expect(server.lint()[0]?.message).toBe("state is the same as in request 1; it must be new each time.")
  })

  it("finds a code that is exchanged twice", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    await exchange(server, code)
    await exchange(server, code)
    expect(rules(server)).toEqual(["code-used-twice"])
  })

  it("finds the use of a rotated token, but not after a lost response", async () => {
    await using server = stillServer({ rotation: "always" })
    const { refreshToken } = await login(server)
    server.clock.advance("1 hour")
    await refresh(server, refreshToken)
    await refresh(server, refreshToken)
    expect(rules(server)).toEqual(["rotated-token-used"])

    server.reset()
    const again = await login(server)
    server.clock.advance("1 hour")
    server.faults.next("token", { at: "afterCommit", wire: "reset" })
    await expect(refresh(server, again.refreshToken)).rejects.toThrow()
    await refresh(server, again.refreshToken)
    expect(rules(server)).toEqual([])
  })

  it("finds a refused grant that is sent again", async () => {
    await using server = stillServer()
    for (let i = 0; i < 3; i++) await refresh(server, "unknown")
    expect(server.lint().map(({ rule, entry }) => [rule, entry])).toEqual([
      ["refused-grant-retried", 2],
      ["refused-grant-retried", 3],
    ])
  })

  it.each(["seconds", "date"] as const)("finds an ignored Retry-After, in %s", async (retryAfterAs) => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.clock.advance("1 hour")
    const busy = { reply: { status: 429, body: {}, retryAfter: "10 seconds", retryAfterAs } } as const
    server.faults.next("token", busy, busy)
    await refresh(server, refreshToken)
    server.clock.advance("9 seconds")
    await refresh(server, refreshToken)
    server.clock.advance("10 seconds")
    await refresh(server, refreshToken)
    expect(server.lint().map(({ rule, entry }) => [rule, entry])).toEqual([["retry-after-ignored", 4]])
  })

  it("counts Retry-After by client, also for a client that authenticates by Basic", async () => {
    await using server = stillServer()
    const basic = { authorization: `Basic ${Buffer.from("demo-app:demo-secret").toString("base64")}` }
    server.faults.next("token", { reply: { status: 503, body: {}, retryAfter: "10 seconds" } })
    await post(server, { grant_type: "refresh_token", refresh_token: "x" }, basic)
    await post(server, { grant_type: "refresh_token", refresh_token: "y", client_id: "demo-spa" })
    expect(rules(server)).toEqual([])
    await post(server, { grant_type: "refresh_token", refresh_token: "z" }, basic)
    expect(rules(server)).toEqual(["retry-after-ignored"])
  })

  it("finds a refresh in the first half of a token's life, unless the API refused the token", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    server.clock.advance("29 minutes")
    await refresh(server, refreshToken)
    expect(rules(server)).toEqual(["refreshed-too-early"])

    server.reset()
    const again = await login(server)
    server.revoke(again.accessToken)
    await account(server, again.accessToken)
    await refresh(server, again.refreshToken)
    expect(rules(server)).toEqual([])
    expect(accessToken).toBe(again.accessToken)
  })

  it("accepts a refresh after a lost response even if the clock moves within a request", async () => {
    let now = 0
    await using server = stillServer({ now: () => now++ })
    const { refreshToken } = await login(server)
    server.clock.advance("1 hour")
    server.faults.next("token", { at: "afterCommit", reply: { status: 502, body: {} } })
    await refresh(server, refreshToken)
    await refresh(server, refreshToken)
    expect(rules(server)).toEqual([])
  })

  it.each(["client_secret", "refresh_token", "authorization_code", "code", "code_verifier"])(
    "finds %s in the query of a token request",
    async (name) => {
      await using server = stillServer()
      await server.fetch(`${server.url}/oauth/token?${name}=x`, { method: "POST" })
      expect(server.lint()).toMatchObject([
        {
          rule: "secret-in-query",
          message: `${name} was sent in the URL, where logs and histories keep it.`,
        },
      ])
    },
  )

  it("calls what a specification advises against a hint, and what it forbids an error", async () => {
    await using server = stillServer()
    await visit(server, { redirect_uri: redirectUri })
    await visit(server, {
      redirect_uri: redirectUri,
      code_challenge: "v".repeat(43),
      code_challenge_method: "plain",
    })
    await visit(server, { client_id: "demo-spa", redirect_uri: redirectUri, state: "s" })
    expect(server.lint().map(({ rule, severity }) => [rule, severity])).toEqual([
      ["missing-pkce", "hint"],
      ["missing-state", "hint"],
      ["plain-pkce", "hint"],
      ["missing-pkce", "error"],
    ])
  })

  it("accepts an early refresh after a map request that was refused", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    server.revoke(accessToken)
    const tile = await server.fetch(`${server.url}/path/demo-raster`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(tile.status).toBe(401)
    await refresh(server, refreshToken)
    expect(rules(server)).toEqual([])
  })

  it("accepts the repetition of a refused grant whose response was lost", async () => {
    await using server = stillServer()
    server.faults.next("token", { at: "afterCommit", reply: { status: 502, body: {} } })
    await refresh(server, "unknown")
    await refresh(server, "unknown")
    expect(rules(server)).toEqual([])
    await refresh(server, "unknown")
    expect(rules(server)).toEqual(["refused-grant-retried"])
  })
})
