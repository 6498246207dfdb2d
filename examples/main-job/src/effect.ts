import { TokenClient } from "@ellipsis-oauth/core"
import { ellipsisDrive } from "@ellipsis-oauth/node"
import { kyTransportLayer, nodeCryptoLayer, sqliteTokenStoreLayer } from "@ellipsis-oauth/node/effect"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const TokenClientLive = TokenClient.layer({ server: ellipsisDrive(), clientId: "your-client-id" }).pipe(
  Layer.provide([
    kyTransportLayer({ userAgent: "my-maps/1.0" }),
    sqliteTokenStoreLayer({ path: "data/tokens.sqlite" }),
    nodeCryptoLayer,
  ]),
)

/** Time and spans are those of the program that provides the layer. */
export const program = Effect.gen(function* () {
  const client = yield* TokenClient
  const session = yield* client.session("ada")
  return yield* session.getAccessToken({ minValidity: "5 minutes" })
}).pipe(
  Effect.catchTag("LoginRequired", (error) =>
    Effect.fail(`send ${error.key} to the login: ${error.message}`),
  ),
  Effect.provide(TokenClientLive),
)
