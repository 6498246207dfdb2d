import { ellipsisDrive, kyTransport, makeClient, requestToken } from "@ellipsis-oauth/node"
import * as Effect from "effect/Effect"

const server = ellipsisDrive()
const endpoint = {
  server,
  client: makeClient(server, { clientId: "your-client-id" }),
  timeout: 10_000,
  deadline: 30_000,
}

export const refresh = (refreshToken: string) =>
  requestToken(endpoint, { grantType: "refresh_token", refreshToken }).pipe(
    Effect.catchTag("TokenErrorResponse", (error) => Effect.fail(`log in again: ${error.error}`)),
    Effect.provide(kyTransport.layer({ userAgent: "my-maps/1.0" })),
  )
