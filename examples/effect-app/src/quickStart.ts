import { ellipsisDrive, TokenClient } from "@ellipsis-oauth/core"
import { httpClientTransportLayer, nodeCryptoLayer, sqliteTokenStoreLayer } from "@ellipsis-oauth/node/effect"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

const TokenClientLive = TokenClient.layer({ server: ellipsisDrive(), clientId: "your-client-id" }).pipe(
  Layer.provide([
    httpClientTransportLayer,
    nodeCryptoLayer,
    sqliteTokenStoreLayer({ path: "tokens.sqlite" }),
  ]),
  Layer.provide(FetchHttpClient.layer),
)

/** A valid access token, refreshed once for all programs that share the store. */
export const accessToken = Effect.gen(function* () {
  const session = yield* (yield* TokenClient).session("ada")
  return yield* session.getAccessToken()
}).pipe(Effect.provide(TokenClientLive))
