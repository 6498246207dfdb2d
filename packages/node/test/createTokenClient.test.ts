import { TokenClient, TokenStore } from "@ellipsis-oauth/core"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { kyTransportLayer, nodeCryptoLayer } from "../src/effect/index.js"
import { createTokenClient, ellipsisDrive, rfc6749 } from "../src/index.js"
import {
  approve,
  clientFor,
  confidential,
  listening,
  login,
  publicClient,
  redirectUri,
  rejection,
} from "./fixtures.js"

const account = (url: string, accessToken: string) =>
  fetch(`${url}/account`, { headers: { authorization: `Bearer ${accessToken}` } })

describe("the main job", () => {
  test("login, code exchange, API call, expiry, refresh, API call", async () => {
    const server = await listening({ rotation: "always" })
    const client = clientFor(server)
    const authorization = await login(server, client)
    expect(authorization.returnTo).toBe("/map")
    const token = await client.exchangeAuthorizationCode(authorization)
    expect((await account(server.url, token.accessToken)).status).toBe(200)
    expect(token.scope).toEqual(["projects"])
    expect(token.expiresAt).toBe(token.issuedAt + 3_600_000)
    server.clock.advance("2 hours")
    expect((await account(server.url, token.accessToken)).status).toBe(401)
    const refreshed = await client.refreshToken(token)
    expect((await account(server.url, refreshed.accessToken)).status).toBe(200)
    expect(refreshed.refreshToken).not.toBe(token.refreshToken)
    expect(refreshed.scope).toEqual(["projects"])
  })

  test("with the single members of the response", async () => {
    const server = await listening()
    const client = clientFor(server)
    const { code, codeVerifier, redirectUri } = await login(server, client)
    const token = await client.exchangeAuthorizationCode({ code, codeVerifier, redirectUri })
    const refreshed = await client.refreshToken(token.refreshToken)
    expect(refreshed.refreshToken).toBe(token.refreshToken)
    expect(refreshed.accessToken).not.toBe(token.accessToken)
  })

  test.each([
    ["body", "form"],
    ["body", "json"],
    ["basic", "form"],
    ["basic", "json"],
    ["basic-raw", "form"],
    ["none", "form"],
    ["none", "json"],
  ] as const)(
    "client authentication %s in a %s body, to a server that reads nothing else",
    async (clientAuthentication, bodyEncoding) => {
      const server = await listening({
        bodyEncoding,
        basicDecoding: clientAuthentication === "basic-raw" ? "raw" : "form",
        clients: [
          {
            clientId: "id +%:&".replace(":", ""),
            clientSecret: "s3cret +%:&=€",
            redirectUris: [redirectUri],
          },
          { clientId: "demo-spa", redirectUris: [redirectUri] },
        ],
      })
      const registered =
        clientAuthentication === "none"
          ? publicClient
          : { clientId: "id +%&", clientSecret: "s3cret +%:&=€", redirectUri }
      const client = createTokenClient({
        ...registered,
        server: ellipsisDrive({ baseUrl: server.url, bodyEncoding }),
        clientAuthentication,
      })
      const token = await client.exchangeAuthorizationCode(await login(server, client))
      expect((await client.refreshToken(token)).accessToken).toBeTruthy()
    },
  )

  test.each(["S256", "plain", "none"] as const)("with PKCE %s", async (pkce) => {
    const server = await listening()
    const client = clientFor(server, { pkce })
    const authorization = await login(server, client)
    expect(authorization.codeVerifier === undefined).toBe(pkce === "none")
    expect((await client.exchangeAuthorizationCode(authorization)).accessToken).toBeTruthy()
  })

  test("without a redirect URI if exactly one is registered", async () => {
    const server = await listening()
    const { clientId, clientSecret } = confidential
    const client = createTokenClient({
      clientId,
      clientSecret,
      server: ellipsisDrive({ baseUrl: server.url }),
    })
    expect((await client.exchangeAuthorizationCode(await login(server, client))).accessToken).toBeTruthy()
  })

  test("the same calls as effects", async () => {
    const server = await listening()
    const program = Effect.gen(function* () {
      const client = yield* TokenClient
      const { url, transaction } = yield* client.createAuthorizationRequest()
      const callbackUrl = yield* Effect.promise(() => approve(server, url))
      const token = yield* client.exchangeAuthorizationCode(
        yield* client.parseAuthorizationResponse(callbackUrl, transaction),
      )
      yield* client.refreshToken(token)
      return yield* client.exchangeAuthorizationCode({ code: "unknown" })
    }).pipe(Effect.catchTag("TokenErrorResponse", (error) => Effect.succeed(error.error)))
    const layer = TokenClient.layer({
      ...confidential,
      clientSecret: Redacted.make(confidential.clientSecret),
      server: ellipsisDrive({ baseUrl: server.url }),
    }).pipe(Layer.provide([kyTransportLayer(), nodeCryptoLayer, TokenStore.memory]))
    expect(await Effect.runPromise(Effect.provide(program, layer))).toBe("invalid_grant")
  })

  test("a strict server reads what was built, for all valid inputs", async () => {
    const printable = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((s) => s.isWellFormed() && s.trim() === s)
    const id = printable.filter((s) => s.length <= 50)
    const secret = printable.filter((s) => s.length <= 100)
    const path = fc.stringMatching(/^[A-Za-z0-9._~-]{0,30}$/)
    const query = fc.stringMatching(/^[A-Za-z0-9&=+%20]{0,10}$/).filter((s) => !/%(?!20)/.test(s))
    await fc.assert(
      fc.asyncProperty(
        id,
        secret,
        path,
        query,
        fc.constantFrom("body", "basic" as const),
        fc.constantFrom("form", "json" as const),
        fc.constantFrom("S256", "plain", "none" as const),
        async (clientId, clientSecret, path, query, clientAuthentication, bodyEncoding, pkce) => {
          const redirectUri = `https://app.example/${path}?${query}`
          const registration = {
            clientId,
            clientSecret,
            redirectUris: [redirectUri, "https://app.example/other"],
          }
          await using server = createMockServer({ clients: [registration], rotation: "always", bodyEncoding })
          const client = createTokenClient({
            clientId,
            clientSecret,
            clientAuthentication: clientAuthentication as "body",
            redirectUri,
            pkce: pkce as "S256",
            server: ellipsisDrive({ baseUrl: server.url, bodyEncoding: bodyEncoding as "form" }),
            fetch: (url, init) => server.fetch(url, init),
          })
          const token = await client.exchangeAuthorizationCode(await login(server, client))
          const refreshed = await client.refreshToken(token)
          expect(refreshed.refreshToken).not.toBe(token.refreshToken)
        },
      ),
      { numRuns: process.env["TEST_FULL"] ? 2000 : 200 },
    )
  })
})

describe("bad input gives a ConfigurationError, and nothing is sent", () => {
  const sent: string[] = []
  const make = (options: object) =>
    createTokenClient({
      ...confidential,
      fetch: async (url: string) => {
        sent.push(url)
        return new Response()
      },
      ...options,
    } as never)

  test.each([
    ["clientId", { clientId: undefined }, "missing"],
    ["clientSecret", { clientSecret: "" }, "an empty string"],
    ["redirectUri", { redirectUri: "not a URL" }, '"not a URL"'],
    ["redirectUri", { redirectUri: `https://app.example/${"x".repeat(100)}` }, "of 120 characters"],
    ["timeout", { timeout: "soon" }, '"soon"'],
    ["deadline", { deadline: -1 }, "-1"],
    ["pkce", { pkce: "S512" }, '"S512"'],
    ["server", { server: "https://api.example" }, '"https://api.example"'],
    ["fetch", { fetch: "node-fetch" }, '"node-fetch"'],
    ["store", { store: {} }, "an object without read, write"],
    ["onEvent", { onEvent: "log" }, '"log"'],
    ["now", { now: 5 }, "5"],
    ["userAgent", { userAgent: "a\r\nb" }, "a\\r\\nb"],
    ["apiOrigins", { apiOrigins: "https://api.example" }, "a string"],
    ["apiOrigins[0]", { apiOrigins: ["http://api.example"] }, '"http://api.example"'],
    ["redirectUrl", { redirectUrl: "https://app.example/callback" }, 'spelled "redirectUri"'],
    ["clientID", { clientID: "app" }, 'spelled "clientId"'],
    ["redirectUri", { redirectUri: "localhost:3000/callback" }, '"http://localhost:3000/callback"'],
  ])("%s of %o", (option, options, got) => {
    expect(() => make(options)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option, action: "fix" }),
    )
    expect(() => make(options)).toThrow(got)
  })

  test.each([
    ["code", { code: "" }],
    ["code", {}],
    ["code", undefined],
    ["codeVerifier", { code: "c", codeVerifier: "short" }],
    ["redirectUri", { code: "c", redirectUri: "nowhere" }],
  ])("%s of exchangeAuthorizationCode(%o)", async (option, argument) => {
    const error = await rejection(make({}).exchangeAuthorizationCode(argument as never))
    expect(error).toMatchObject({ _tag: "ConfigurationError", option })
  })

  test.each([undefined, ""])("refreshToken(%o)", async (refreshToken) => {
    const error = await rejection(make({}).refreshToken(refreshToken))
    expect(error).toMatchObject({ _tag: "ConfigurationError", option: "refreshToken" })
  })

  test("no options at all", () => {
    expect(() => createTokenClient(undefined as never)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "options" }),
    )
  })

  test("a misspelt option of createAuthorizationRequest", async () => {
    const error = await rejection(make({}).createAuthorizationRequest({ scopes: "read" } as never))
    expect(String(error)).toContain('Option "scopes" must be spelled "scope"')
  })

  test.each([undefined, null])("session(%o)", (key) => {
    expect(() => make({}).session(key as never)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "key" }),
    )
  })

  test("a scope with a quote", async () => {
    const error = await rejection(make({}).createAuthorizationRequest({ scope: 'a"b' }))
    expect(error).toMatchObject({ _tag: "ConfigurationError", option: "scope" })
  })

  test("nothing was sent", () => {
    expect(sent).toEqual([])
  })
})

describe("an AbortSignal", () => {
  test("that was aborted before sends nothing", async () => {
    const server = await listening()
    const call = clientFor(server).refreshToken("refresh", { signal: AbortSignal.abort(new Error("enough")) })
    expect(await rejection(call)).toEqual(new Error("enough"))
    expect(server.log).toHaveLength(0)
  })

  test("rejects at once while the server does not respond", async () => {
    const server = await listening()
    server.faults.next("token", { wire: "hang" })
    const controller = new AbortController()
    const call = clientFor(server, {
      fetch: (url, init) => {
        const response = fetch(url, init)
        queueMicrotask(() => controller.abort())
        return response
      },
    }).refreshToken("refresh", { signal: controller.signal })
    expect(await rejection(call)).toMatchObject({ name: "AbortError" })
  })
})

test("creating a client sends no request, and uses the hosted service by default", async () => {
  const client = createTokenClient(confidential)
  const { url } = await client.createAuthorizationRequest()
  expect(url).toMatch(/^https:\/\/api\.ellipsis-drive\.com\/v3\/oauth\/authorize\?/)
})

test("a standard server works through rfc6749()", async () => {
  const server = await listening({ codeParameter: "code" })
  const client = clientFor(server, {
    server: rfc6749({
      authorizationEndpoint: `${server.url}/oauth/authorize`,
      tokenEndpoint: `${server.url}/oauth/token`,
    }),
  })
  const token = await client.exchangeAuthorizationCode(await login(server, client))
  expect((await client.refreshToken(token)).accessToken).toBeTruthy()
})
