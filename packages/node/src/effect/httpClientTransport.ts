/** The transport over Effect's own `HttpClient`. */
import { Transport, TransportError } from "@ellipsis-oauth/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"

/**
 * Sends token requests with the program's `HttpClient`. Redirects are never followed. The client's errors contain the
 * whole request, so they are not passed on.
 */
export const httpClientTransportLayer: Layer.Layer<Transport, never, HttpClient.HttpClient> = Layer.effect(
  Transport,
  Effect.map(HttpClient.HttpClient, (client) => ({
    send: ({ url, headers, body }) => {
      const request = HttpClientRequest.post(url).pipe(
        HttpClientRequest.bodyText(body, headers["content-type"]),
        HttpClientRequest.setHeaders(headers),
      )
      return client.execute(request).pipe(
        Effect.flatMap((response) =>
          Effect.map(response.text, (text) => ({
            status: response.status,
            headers: { ...response.headers },
            body: text.slice(0, longestBody),
          })),
        ),
        Effect.catch((error) => Effect.fail(toTransportError(error))),
        Effect.updateContext((context: Context.Context<never>) =>
          Context.add(context, FetchHttpClient.RequestInit, manualRedirect(context)),
        ),
      )
    },
  })),
)

/** In characters. A token response has a few hundred. */
const longestBody = 1024 * 1024

const manualRedirect = (context: Context.Context<never>): RequestInit => ({
  ...Context.getOrUndefined(
    context as Context.Context<FetchHttpClient.RequestInit>,
    FetchHttpClient.RequestInit,
  ),
  redirect: "manual",
  credentials: "omit",
  cache: "no-store",
})

const notSent = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT/

const toTransportError = (error: HttpClientError.HttpClientError): TransportError => {
  const code = codeOf("cause" in error.reason ? error.reason.cause : undefined)
  const sent = code !== undefined && notSent.test(code) ? "no" : "maybe"
  return new TransportError({ reason: "network", sent, ...(code === undefined ? {} : { detail: code }) })
}

const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > 5) return undefined
  if ("code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(error.code)) {
    return error.code
  }
  return "cause" in error ? codeOf(error.cause, depth + 1) : undefined
}
