/** Replaces the sent request, which contains the token, with the caller's request in responses and errors. */
import * as Effect from "effect/Effect"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

type Request = HttpClientRequest.HttpClientRequest
type Response = HttpClientResponse.HttpClientResponse

/** An effect that sends `request` with a token added, as if it had sent the request itself. */
export const withoutToken =
  (request: Request) =>
  <E, R>(sent: Effect.Effect<Response, E, R>): Effect.Effect<Response, E, R> =>
    sent.pipe(
      Effect.map((response) => responseTo(request, response)),
      Effect.mapError((error) => errorOf(request, error)),
    )

const bodies = ["json", "text", "urlParamsBody", "formData", "arrayBuffer"] as const

/** The original response becomes the prototype, which is not printed. */
const responseTo = (request: Request, response: Response): Response => {
  const failsWithout = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.mapError(effect, (error) => errorOf(request, error))
  return Object.create(response, {
    request: { value: request },
    stream: { get: () => Stream.mapError(response.stream, (error) => errorOf(request, error)) },
    ...Object.fromEntries(
      bodies.map((name) => [
        name,
        { get: () => failsWithout<unknown, HttpClientError.HttpClientError, never>(response[name]) },
      ]),
    ),
  })
}

/** Other errors stay as they are. */
const errorOf = <E>(request: Request, error: E): E =>
  HttpClientError.isHttpClientError(error)
    ? (new HttpClientError.HttpClientError({ reason: reasonOf(request, error.reason) }) as E & typeof error)
    : error

const reasonOf = (
  request: Request,
  reason: HttpClientError.HttpClientErrorReason,
): HttpClientError.HttpClientErrorReason => {
  const { cause, description } = reason
  const told = { request, ...(cause === undefined ? {} : { cause }), ...(description && { description }) }
  if ("response" in reason) {
    return new responseErrors[reason._tag]({ ...told, response: responseTo(request, reason.response) })
  }
  return new requestErrors[reason._tag](told)
}

const requestErrors = {
  TransportError: HttpClientError.TransportError,
  EncodeError: HttpClientError.EncodeError,
  InvalidUrlError: HttpClientError.InvalidUrlError,
}

const responseErrors = {
  StatusCodeError: HttpClientError.StatusCodeError,
  DecodeError: HttpClientError.DecodeError,
  EmptyBodyError: HttpClientError.EmptyBodyError,
}
