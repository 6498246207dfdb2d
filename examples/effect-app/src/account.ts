/** Calls the API for a user, and says by the error's tag what to do where that fails. */
import { TokenClient } from "@ellipsis-oauth/core"
import { authorizedHttpClient } from "@ellipsis-oauth/node/effect"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import { apiBaseUrl } from "./tokens.js"

export const accountOf = Effect.fn("accountOf")(
  function* (userId: string) {
    const client = yield* TokenClient
    const session = yield* client.session(userId)
    const baseUrl = yield* apiBaseUrl
    const api = (yield* HttpClient.HttpClient).pipe(
      authorizedHttpClient(session, { apiOrigins: [new URL(baseUrl).origin] }),
      HttpClient.filterStatusOk,
    )
    const response = yield* api.get(`${baseUrl}/account`)
    return `The account of ${userId}: ${yield* response.text}`
  },
  Effect.catchTag("LoginRequired", ({ key }) => Effect.succeed(`Send ${key} to the login.`)),
  Effect.catchTag("TokenEndpointUnavailable", ({ status, retryAfter = 1000 }) =>
    Effect.succeed(`HTTP ${status}: try again in ${retryAfter / 1000} s. Nobody is signed out.`),
  ),
)
