import { createHash } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import {
  buildAuthorizationRequest,
  ConfigurationError,
  createAuthorizationRequest,
  restoreTransaction,
} from "../../src/index.js"
import { client, cryptoLayer, failed, server, succeeded } from "../fixtures.js"

const parameters = (url: string) => Object.fromEntries(new URL(url).searchParams)

describe("authorization request", () => {
  it("has exactly the given parameters", () => {
    const url = succeeded(buildAuthorizationRequest(server, client(), { state: "xyz" }))
    expect(url).toBe(
      "https://api.ellipsis-drive.com/v3/oauth/authorize?response_type=code&client_id=app&state=xyz",
    )
    const all = succeeded(
      buildAuthorizationRequest(server, client(), {
        redirectUri: "https://app.example/call back?x=1&y=2",
        scope: ["projects", "maps"],
        state: "a+b c",
        codeChallenge: "challenge",
        codeChallengeMethod: "S256",
      }),
    )
    expect(parameters(all)).toEqual({
      response_type: "code",
      client_id: "app",
      redirect_uri: "https://app.example/call back?x=1&y=2",
      scope: "projects maps",
      state: "a+b c",
      code_challenge: "challenge",
      code_challenge_method: "S256",
    })
  })

  it.each([
    ["state", { state: "" }],
    ["state", { state: "x".repeat(51) }],
    ["codeChallenge", { state: "x", codeChallenge: "c".repeat(51), codeChallengeMethod: "plain" }],
    ["scope", { state: "x", scope: 'a"b' }],
    ["scope", { state: "x", scope: ["a", 7] }],
    ["scope", { state: "x", scope: {} }],
  ])("a bad %s is refused before anything is sent", (option, bad) => {
    const error = failed(buildAuthorizationRequest(server, client(), bad as never))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as ConfigurationError).option).toBe(option)
  })

  it.each([
    ["projects", "projects"],
    [" projects  maps ", "projects maps"],
    [["projects", "maps"], "projects maps"],
    ["!#[]~", "!#[]~"],
    ["", undefined],
    [" ", undefined],
    [[], undefined],
    [undefined, undefined],
  ])("the scope %j is sent as %j", (scope, sent) => {
    const url = succeeded(buildAuthorizationRequest(server, client(), { state: "x", scope }))
    expect(parameters(url)["scope"]).toBe(sent)
  })

  it.each([
    ['a"b', "a scope with a character that RFC 6749 §3.3 forbids"],
    ["a\\b", "a scope with a character that RFC 6749 §3.3 forbids"],
    ["a\tb", "a scope with a character that RFC 6749 §3.3 forbids"],
    ["karteñ", "a scope with a character that RFC 6749 §3.3 forbids"],
    [["a b"], "a scope with a character that RFC 6749 §3.3 forbids"],
    [["a", ""], "a scope with a character that RFC 6749 §3.3 forbids"],
    [7, "a number"],
    [null, "null"],
  ])("the scope %j is refused", (scope, got) => {
    const error = failed(buildAuthorizationRequest(server, client(), { state: "x", scope: scope as never }))
    expect(error).toMatchObject({
      message: expect.stringContaining(
        `Option "scope" must be scopes such as "projects", in one string with spaces or in an array, got ${got}`,
      ),
    })
  })

  it.each([
    [{ state: "" }, 'Option "state" must be an unguessable string'],
    [{ state: "x", codeChallenge: "" }, 'Option "codeChallenge" must be a PKCE challenge'],
    [{ state: "x", extra: { prompt: 7 } }, 'Option "extra.prompt" must be a string'],
  ])("%j: the error says what is expected", (bad, message) => {
    expect(failed(buildAuthorizationRequest(server, client(), bad as never)).message).toContain(message)
  })

  it("a challenge without a method is a plain one, and no error shows it", () => {
    const url = succeeded(buildAuthorizationRequest(server, client(), { state: "x", codeChallenge: "c" }))
    expect(parameters(url)).toMatchObject({ code_challenge: "c", code_challenge_method: "plain" })
    const long = { state: "x", codeChallenge: "canary".repeat(20) }
    expect(failed(buildAuthorizationRequest(server, client(), long)).message).not.toContain("canary")
  })

  it("further parameters are added, and replace no standard parameter", () => {
    const extra = { prompt: "consent", state: "evil", client_id: "evil" }
    const url = succeeded(buildAuthorizationRequest(server, client(), { state: "xyz", extra }))
    expect(parameters(url)).toMatchObject({ prompt: "consent", state: "xyz", client_id: "app" })
    expect(
      failed(buildAuthorizationRequest(server, client(), { state: "x", extra: { prompt: 7 } as never })),
    ).toMatchObject({ option: "extra.prompt" })
  })

  it.effect("draws a state of 192 bits within the provider's 50 characters, and S256 by default", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(5000)
      const options = { pkce: "S256", scope: "projects", returnTo: "/map?x=1" } as const
      const { url, transaction } = yield* createAuthorizationRequest(server, client(), options)
      const remembered = succeeded(restoreTransaction(transaction))
      const sent = parameters(url)
      expect(sent["state"]).toMatch(/^[A-Za-z0-9_-]{32}$/)
      expect(sent["code_challenge_method"]).toBe("S256")
      expect(sent["code_challenge"]).toBe(
        createHash("sha256")
          .update(remembered.codeVerifier ?? "")
          .digest("base64url"),
      )
      expect(remembered).toEqual({
        state: sent["state"],
        codeVerifier: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
        redirectUri: "https://app.example/callback",
        scope: "projects",
        returnTo: "/map?x=1",
        createdAt: 5000,
      })
      expect(url).not.toContain(remembered.codeVerifier)
      const again = yield* createAuthorizationRequest(server, client(), options)
      expect(again.transaction).not.toBe(transaction)
      expect(parameters(again.url)["state"]).not.toBe(sent["state"])
    }).pipe(Effect.provide(cryptoLayer)),
  )

  it.effect("plain and no PKCE are possible", () =>
    Effect.gen(function* () {
      const plain = yield* createAuthorizationRequest(server, client(), { pkce: "plain" })
      expect(parameters(plain.url)).toMatchObject({
        code_challenge: succeeded(restoreTransaction(plain.transaction)).codeVerifier,
        code_challenge_method: "plain",
      })
      const none = yield* createAuthorizationRequest(server, client(), { pkce: "none" })
      expect(parameters(none.url)).not.toHaveProperty("code_challenge")
      expect(parameters(none.url)).not.toHaveProperty("code_challenge_method")
      expect(succeeded(restoreTransaction(none.transaction)).codeVerifier).toBeUndefined()
    }).pipe(Effect.provide(cryptoLayer)),
  )

  it.effect("the redirect URI can be another registered one, or left out", () =>
    Effect.gen(function* () {
      const other = "https://app.example/other"
      const request = yield* createAuthorizationRequest(server, client(), {
        pkce: "S256",
        redirectUri: other,
      })
      expect(parameters(request.url)["redirect_uri"]).toBe(other)
      const error = yield* Effect.flip(
        createAuthorizationRequest(server, client(), { pkce: "S256", redirectUri: "nowhere" }),
      )
      expect(error).toMatchObject({ _tag: "ConfigurationError", option: "redirectUri", got: '"nowhere"' })
    }).pipe(Effect.provide(cryptoLayer)),
  )
})
