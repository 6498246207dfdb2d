/** An Effect 4 app, offline: against the mock server, with a collector of spans in memory. */
import { TokenStore } from "@ellipsis-oauth/core"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import { accountOf } from "./account.js"
import { collector } from "./collector.js"
import { beginLogin, endLogin } from "./login.js"
import { TokenClientLive } from "./tokens.js"
import { TracingLive } from "./tracing.js"

const server = await createMockServer({ rotation: "always" }).listen({ port: 0 })
const { spans, CollectorLive } = collector()

/** What a browser does: follow the authorization URL, come back to the redirect URI. */
const logIn = Effect.fn("logIn")(function* (userId: string) {
  const { url, transaction } = yield* beginLogin
  const redirect = yield* Effect.promise(() => fetch(url, { redirect: "manual" }))
  yield* endLogin(userId, redirect.headers.get("location") ?? "", transaction)
})

const program = Effect.gen(function* () {
  yield* Console.log(yield* accountOf("ada"))
  yield* logIn("ada")
  yield* logIn("bob")
  yield* Console.log(yield* accountOf("ada"))

  // The API refuses tokens that are two hours old, and the request is sent again with another one.
  server.clock.advance("2 hours")
  yield* Console.log(yield* accountOf("ada"))

  server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "60" } } })
  yield* Console.log(yield* accountOf("bob"))
})

const ConfigLive = ConfigProvider.layer(
  ConfigProvider.fromUnknown({
    ELLIPSIS_OAUTH_BASE_URL: server.url,
    ELLIPSIS_OAUTH_CLIENT_ID: "demo-app",
    ELLIPSIS_OAUTH_CLIENT_SECRET: "demo-secret",
  }),
)

const AppLive = TokenClientLive.pipe(
  Layer.provide(TokenStore.memory),
  Layer.provideMerge(FetchHttpClient.layer),
  Layer.provideMerge(Layer.provide(TracingLive, CollectorLive)),
  Layer.provideMerge(ConfigLive),
)

try {
  await Effect.runPromise(Effect.provide(program, AppLive))
} finally {
  await server.close()
}
console.log("\nExported spans, inner ones first:")
for (const { name, attributes } of spans) {
  const { "http.response.status_code": status = "", "oauth.grant_type": grant = "" } = attributes
  console.log(name, status || grant)
}
