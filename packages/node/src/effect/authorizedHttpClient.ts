/** Effect's `HttpClient` with a session's access token, like `session.fetch` for promises. */
import type { ConfigurationError, RefreshError, TokenSession } from "@ellipsis-oauth/core"
import { badOption } from "@ellipsis-oauth/core/promise"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"
import { withoutToken } from "./withoutToken.js"

/** The options of `authorizedHttpClient`. */
export interface AuthorizedHttpClientOptions {
  /** The origins that get the token, such as `https://api.ellipsis-drive.com`. */
  readonly apiOrigins: readonly string[]
}

/**
 * Adds the token to requests for `apiOrigins` that have no `Authorization` header. After a 401 it sends the request once
 * more with a fresh token, unless the body is a stream. Responses and errors contain the caller's request, without the
 * token. To follow redirects, apply `HttpClient.followRedirects` to the result, not to the client that you pass, which
 * would send the token to other origins. The platform's `fetch` drops the token there.
 *
 * A bad option is the typed failure of each call.
 *
 * @example
 * const drive = HttpClient.HttpClient.pipe(
 *   Effect.map(authorizedHttpClient(session, { apiOrigins: ["https://api.ellipsis-drive.com"] })),
 * )
 */
export const authorizedHttpClient = (session: TokenSession, options: AuthorizedHttpClientOptions) => {
  const apiOrigins = checkedOrigins(options)
  return <E, R>(client: HttpClient.HttpClient.With<E, R>): HttpClient.HttpClient.With<E | RefreshError, R> =>
    HttpClient.transform(client, (unauthorized, request) =>
      Effect.gen(function* () {
        const origins = yield* Effect.fromResult(apiOrigins)
        if (!origins.includes(originOf(request.url)) || "authorization" in request.headers) {
          return yield* unauthorized
        }
        const sendWith = (accessToken: string) =>
          withoutToken(request)(
            client.postprocess(Effect.succeed(HttpClientRequest.bearerToken(request, accessToken))),
          )
        const accessToken = yield* session.getAccessToken()
        const response = yield* sendWith(accessToken)
        if (response.status !== 401) return response
        yield* session.reportRejected(accessToken)
        if (request.body._tag === "Stream") return response
        const another = yield* session.getAccessToken()
        return another === accessToken ? response : yield* sendWith(another)
      }),
    )
}

/** Checks only the form of the origins. The caller may allow plain `http:`, as with the server's `allowInsecure`. */
const checkedOrigins = (
  options: AuthorizedHttpClientOptions,
): Result.Result<readonly string[], ConfigurationError> => {
  const { apiOrigins } = options ?? {}
  const bad = (value: unknown) =>
    Result.fail(badOption("apiOrigins", value, "a list of absolute http: or https: URLs"))
  if (!Array.isArray(apiOrigins)) return bad(apiOrigins)
  const origins = apiOrigins.map((value) => (typeof value === "string" ? originOf(value) : ""))
  const wrong = origins.indexOf("")
  return wrong < 0 ? Result.succeed(origins) : bad(apiOrigins[wrong])
}

/** Empty for a text that is not an absolute http: or https: URL. */
const originOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.origin : ""
}
