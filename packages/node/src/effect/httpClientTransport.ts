/** The transport over Effect's own `HttpClient`. */
import { Transport } from "@ellipsis-oauth/core"
import { collectBody } from "@ellipsis-oauth/core/promise"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { toTransportError } from "../transport/toTransportError.js"

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
          Effect.map(readBody(response), (read) => ({
            status: response.status,
            headers: { ...response.headers },
            ...read,
          })),
        ),
        Effect.mapError(({ reason }) => toTransportError(reason)),
        Effect.updateContext((context: Context.Context<never>) =>
          Context.add(context, FetchHttpClient.RequestInit, manualRedirect(context)),
        ),
      )
    },
  })),
)

const readBody = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.suspend(() => {
    const collected = collectBody()
    const read = response.stream.pipe(
      Stream.takeUntil(collected.add),
      Stream.runDrain,
      Effect.catchIf(
        ({ reason }) => reason._tag === "EmptyBodyError",
        () => Effect.void,
      ),
    )
    return Effect.map(read, collected.end)
  })

const manualRedirect = (context: Context.Context<never>): RequestInit => ({
  ...Context.getOrUndefined(
    context as Context.Context<FetchHttpClient.RequestInit>,
    FetchHttpClient.RequestInit,
  ),
  redirect: "manual",
  credentials: "omit",
  cache: "no-store",
})
