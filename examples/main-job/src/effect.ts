import {
  ellipsisDrive,
  fromWebCrypto,
  kyTransport,
  sqliteTokenStore,
  TokenClient,
  WebCrypto,
} from "@ellipsis-oauth/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const services = Layer.mergeAll(
  kyTransport.layer({ userAgent: "my-maps/1.0" }),
  sqliteTokenStore.layer({ path: "data/tokens.db" }),
  Layer.succeed(WebCrypto, fromWebCrypto(globalThis.crypto)),
)

/** Time and spans are those of the program that makes the client. */
export const program = Effect.gen(function* () {
  const client = yield* TokenClient.make({ server: ellipsisDrive(), clientId: "your-client-id" })
  return yield* client.session("ada").effect.getAccessToken({ minValidity: "5 minutes" })
}).pipe(
  Effect.catchTag("LoginRequired", (error) =>
    Effect.fail(`send ${error.key} to the login: ${error.message}`),
  ),
  Effect.provide(services),
)
