/** The two ends of a login: where the user is sent, and what they come back with. */
import { TokenClient } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"

/** Keep `transaction` in the user's session, and send the user to `url`. */
export const beginLogin = Effect.flatMap(TokenClient, (client) => client.createAuthorizationRequest())

export const endLogin = Effect.fn("endLogin")(function* (
  userId: string,
  callbackUrl: string,
  transaction: string,
) {
  const client = yield* TokenClient
  const session = yield* client.session(userId)
  yield* session.completeAuthorization(callbackUrl, transaction)
})
