// The app on a clock of its own: two hours pass at once, and nothing sleeps.
import { expect, it } from "@effect/vitest"
import { TokenStore } from "@ellipsis-oauth/core"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { accountOf } from "../src/account.js"
import { beginLogin, endLogin } from "../src/login.js"
import { TokenClientLive } from "../src/tokens.js"

/** The mock server without a socket. */
const server = createMockServer({ rotation: "always" })
const MockHttpClient = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request, url, signal) =>
    Effect.promise(async () => {
      const { method, headers } = request
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : null
      return HttpClientResponse.fromWeb(
        request,
        await server.fetch(url.href, { method, headers, body, signal }),
      )
    }),
  ),
)

const AppTest = TokenClientLive.pipe(
  Layer.provide(TokenStore.memory),
  Layer.provideMerge(MockHttpClient),
  Layer.provideMerge(
    ConfigProvider.layer(
      ConfigProvider.fromUnknown({
        ELLIPSIS_OAUTH_BASE_URL: server.url,
        ELLIPSIS_OAUTH_CLIENT_ID: "demo-app",
        ELLIPSIS_OAUTH_CLIENT_SECRET: "demo-secret",
      }),
    ),
  ),
)

const refreshes = () => server.log.filter(({ grantType }) => grantType === "refresh_token").length

it.effect("the account, with a token that is refreshed when its time has come", () =>
  Effect.gen(function* () {
    expect(yield* accountOf("ada")).toBe("Send ada to the login.")

    const { url, transaction } = yield* beginLogin
    const redirect = yield* Effect.promise(() => server.fetch(url, { redirect: "manual" }))
    yield* endLogin("ada", redirect.headers.get("location") ?? "", transaction)
    expect(yield* accountOf("ada")).toContain("The account of ada: {")
    expect(refreshes()).toBe(0)

    yield* TestClock.adjust("2 hours")
    expect(yield* accountOf("ada")).toContain("The account of ada: {")
    expect(refreshes()).toBe(1)

    yield* TestClock.adjust("2 hours")
    server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "60" } } })
    expect(yield* accountOf("ada")).toBe("HTTP 503: try again in 60 s. Nobody is signed out.")
    yield* TestClock.adjust("1 minute")
    expect(yield* accountOf("ada")).toContain("The account of ada: {")
  }).pipe(Effect.provide(AppTest)),
)
