/** The token client of the app, configured by its environment. The secret is redacted from here on. */
import { ellipsisDrive, TokenClient } from "@ellipsis-oauth/core"
import { httpClientTransportLayer, nodeCryptoLayer } from "@ellipsis-oauth/node/effect"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const apiBaseUrl = Config.String("ELLIPSIS_OAUTH_BASE_URL")

/** Needs a `TokenStore` and an `HttpClient`, so that a test can bring its own. */
export const TokenClientLive = Layer.unwrap(
  Effect.gen(function* () {
    return TokenClient.layer({
      server: ellipsisDrive({ baseUrl: yield* apiBaseUrl }),
      clientId: yield* Config.String("ELLIPSIS_OAUTH_CLIENT_ID"),
      clientSecret: yield* Config.Redacted("ELLIPSIS_OAUTH_CLIENT_SECRET"),
      redirectUri: "http://localhost:3000/callback",
      timeout: "60 seconds",
      deadline: "30 seconds",
    })
  }),
).pipe(Layer.provide([httpClientTransportLayer, nodeCryptoLayer]))
