/** Effect's `HttpClient` with a session's access token: what `session.fetch` is for promises. */
import type { RefreshError, TokenSession } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"

export interface AuthorizedHttpClientOptions {
  /** Which origins see the token, such as `https://api.ellipsis-drive.com`. */
  readonly apiOrigins: readonly string[]
}

/**
 * Adds the token to requests for `apiOrigins` that have no `Authorization` header of their own, and sends a request once
 * more with a fresh token after a 401, unless its body is a stream.
 *
 * @example
 * const drive = HttpClient.HttpClient.pipe(
 *   Effect.map(authorizedHttpClient(session, { apiOrigins: ["https://api.ellipsis-drive.com"] })),
 * )
 */
export const authorizedHttpClient =
  (session: TokenSession, { apiOrigins }: AuthorizedHttpClientOptions) =>
  <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E | RefreshError, R> =>
    HttpClient.transform(client, (unauthorized, request) => {
      if (!apiOrigins.includes(originOf(request.url)) || "authorization" in request.headers)
        return unauthorized
      const sendWith = (accessToken: string) =>
        client.postprocess(Effect.succeed(HttpClientRequest.bearerToken(request, accessToken)))
      return Effect.gen(function* () {
        const accessToken = yield* session.getAccessToken()
        const response = yield* sendWith(accessToken)
        if (response.status !== 401) return response
        yield* session.reportRejected(accessToken)
        if (request.body._tag === "Stream") return response
        const another = yield* session.getAccessToken()
        return another === accessToken ? response : yield* sendWith(another)
      })
    })

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : "")
