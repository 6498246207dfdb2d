/** Reads an HTTP response of the token endpoint as a token or a typed error (RFC 6749 §5). Pure. */
import * as Result from "effect/Result"
import { describe } from "../common/options.js"
import { parseObject } from "../common/parseObject.js"
import { redact } from "../common/redact.js"
import { InvalidTokenResponse } from "../errors/InvalidTokenResponse.js"
import { TokenEndpointUnavailable } from "../errors/TokenEndpointUnavailable.js"
import { TokenErrorResponse } from "../errors/TokenErrorResponse.js"
import { TransportError } from "../errors/TransportError.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"
import type { Client } from "./Client.js"
import type { Grant } from "./Grant.js"
import type { HttpResponse } from "./HttpMessage.js"
import { parseRetryAfter } from "./retryAfter.js"
import { parseScope } from "./scope.js"
import { isAccessToken, storableExtra, Token } from "./Token.js"
import { secretsOf } from "./TokenRequest.js"
import { isStandardCode, readTokenErrorBody } from "./tokenErrorBody.js"
import { tokenErrorHint } from "./tokenErrorHint.js"

/** What `parseTokenResponse` needs to know about the request. */
export interface TokenResponseContext {
  readonly server: AuthorizationServer
  readonly client: Client
  /** The grant that was sent. */
  readonly grant: Grant
  /** The token that is refreshed. The new token keeps the members that the token response leaves out. */
  readonly previous?: Token | undefined
  /** When the request was sent, in milliseconds since the epoch. The lifetime counts from here, to be safe. */
  readonly sentAt: number
  /** When the HTTP response came, in milliseconds since the epoch. `Retry-After` counts from here. */
  readonly receivedAt: number
}

/** The errors of `parseTokenResponse`. */
export type TokenResponseError =
  | TokenErrorResponse
  | InvalidTokenResponse
  | TokenEndpointUnavailable
  | TransportError

/** Reads any HTTP response that a server can send, and never throws. */
export const parseTokenResponse = (
  response: HttpResponse,
  context: TokenResponseContext,
): Result.Result<Token, TokenResponseError> => {
  const { status, headers, body, isTooLong = false } = response
  const secrets = secretsOf(context.client, context.grant)
  const clean = (text: string | undefined) => (text ? redact(text, secrets) || undefined : undefined)
  const json = isTooLong ? undefined : parseObject(body.replace(/^\ufeff/, ""))

  if (status === 0 || (status >= 300 && status < 400)) {
    return Result.fail(
      new TransportError({
        reason: "redirect",
        sent: "maybe",
        detail: redirectTarget(headers["location"], context.server.tokenEndpoint),
      }),
    )
  }
  const isSuccess = status >= 200 && status < 300
  const error =
    isSuccess && !hasError(json) ? undefined : readTokenErrorBody(status, json, body, context.grant.grantType)
  if (status === 407) {
    return Result.fail(
      new TransportError({
        reason: "blocked",
        sent: "no",
        detail: "HTTP 407 from a proxy",
        hint: "Give the proxy its user name and password.",
      }),
    )
  }
  if ([408, 425, 429].includes(status) || status >= 500 || isUnavailable(error?.error)) {
    return Result.fail(
      new TokenEndpointUnavailable({
        status,
        retryAfter: parseRetryAfter(headers["retry-after"], context.receivedAt),
        summary: clean(error === undefined ? pageTitle(body) : summarize(error)),
      }),
    )
  }
  if (error !== undefined) {
    const said = error.errorDescription ?? ""
    return Result.fail(
      new TokenErrorResponse({
        // A standard code is kept whole, even if a short secret is a part of it.
        error: isStandardCode(error.error) ? error.error : (clean(error.error) ?? ""),
        inferred: error.inferred,
        status,
        errorDescription: clean(error.errorDescription),
        errorUri: clean(error.errorUri),
        challenge: clean(headers["www-authenticate"]),
        hint: tokenErrorHint({ ...context, status, error: error.error, said: said.slice(0, 1000) }),
      }),
    )
  }
  if (json !== undefined && isSuccess) return readToken(status, json, context)
  // If the JSON stops in the middle, the response was cut off, even if the headers do not show it. A body that is too long
  // is no reason to ask again: the next one would be as long, and the server may have replaced the refresh token.
  const text = body.trim()
  if (status < 300 && !isTooLong && text.startsWith("{") && !text.endsWith("}")) {
    return Result.fail(
      new TransportError({ reason: "network", sent: "maybe", detail: "the response was cut off" }),
    )
  }
  return Result.fail(new InvalidTokenResponse({ status, problem: describeBody(text, isTooLong, clean) }))
}

const readToken = (
  status: number,
  json: JsonObject,
  context: TokenResponseContext,
): Result.Result<Token, InvalidTokenResponse> => {
  const { grant, previous, sentAt } = context
  const { access_token, token_type, expires_in, refresh_token, scope, ...extra } = json
  if (!isAccessToken(access_token)) {
    const problem = `"access_token" is ${describe(access_token)}, expected a string of printable ASCII without spaces`
    return Result.fail(new InvalidTokenResponse({ status, problem }))
  }
  // From here on no member is an error: the refresh token in this response may be the only one that still works.
  const lifetime = readLifetime(expires_in)
  const received = typeof refresh_token === "string" && refresh_token !== "" ? refresh_token : undefined
  const kept = grant.grantType === "refresh_token" ? grant.refreshToken : undefined
  const requested = grant.grantType === "authorization_code" ? grant.scope : undefined
  return Result.succeed(
    new Token({
      accessToken: access_token,
      refreshToken: received ?? kept,
      tokenType: "Bearer",
      expiresAt: lifetime === undefined ? undefined : sentAt + lifetime,
      issuedAt: sentAt,
      scope: parseScope(scope) ?? previous?.scope ?? requested ?? context.server.defaultScope,
      extra: storableExtra({ ...previous?.extra, ...extra }),
    }),
  )
}

/** In seconds. A larger number is not a lifetime: it may be a date. */
const longestLifetime = 10 * 365 * 24 * 3600

/** @returns milliseconds; `undefined` for a missing or invalid value, a date, or a time in the past */
const readLifetime = (value: unknown): number | undefined => {
  const seconds =
    typeof value === "number"
      ? value
      : typeof value === "string" && /^\s{0,9}\d{1,12}(\.\d{1,12})?\s{0,9}$/.test(value)
        ? Number(value)
        : Number.NaN
  return seconds >= 0.001 && seconds <= longestLifetime ? Math.floor(seconds * 1000) : undefined
}

type JsonObject = Readonly<Record<string, unknown>>

/** Some servers send an error with status 200. If there is also an access token, only a standard code is an error. */
const hasError = (json: JsonObject | undefined): boolean => {
  if (json === undefined) return false
  const { error, message, access_token } = json
  return isAccessToken(access_token)
    ? isStandardCode(error)
    : Boolean(error || (access_token === undefined && message))
}

const isUnavailable = (error: string | undefined): boolean =>
  error === "temporarily_unavailable" || error === "server_error"

const summarize = (error: {
  readonly error: string
  readonly inferred: boolean
  readonly errorDescription: string | undefined
}) =>
  error.inferred ? error.errorDescription : [error.error, error.errorDescription].filter(Boolean).join(": ")

/** Only the origin: the rest of the URL may contain what was sent. */
const redirectTarget = (location: string | undefined, from: string): string | undefined => {
  if (location === undefined) return undefined
  try {
    const { origin } = new URL(location, from)
    return origin === new URL(from).origin ? "to another path of the same server" : `to ${origin}`
  } catch {
    return "to a location that is not a URL"
  }
}

/** How much of a page is searched for its title, in characters. */
const longestHead = 4096

const pageTitle = (body: string): string | undefined => {
  const head = body.slice(0, longestHead)
  const start = head.search(/<title/i)
  if (start < 0) return undefined
  const open = head.indexOf(">", start)
  const close = head.indexOf("<", open)
  const title = open < 0 ? "" : head.slice(open + 1, close < 0 ? undefined : close)
  return title.trim().slice(0, 200) || undefined
}

/** Describes the kind of body. The body may contain a token, so only the title of an HTML page is quoted. */
const describeBody = (
  body: string,
  isTooLong: boolean,
  clean: (text: string) => string | undefined,
): string => {
  const start = body.slice(0, 1)
  if (isTooLong && ["", "{", "["].includes(start)) return "the body is larger than 1 MiB"
  if (start === "") return "the body is empty"
  if (start === "<") {
    const title = pageTitle(body)
    return title === undefined
      ? "the body is HTML or XML"
      : `the body is an HTML page titled "${clean(title)}"`
  }
  return start === "{" || start === "[" ? "the body is JSON without a token" : "the body is not JSON"
}
