/** The token response: one plain HTTP reply to a token or a typed error (RFC 6749 §5). Pure. */

import { describe } from "../common/options.js"
import { redact } from "../common/redact.js"
import {
  InvalidTokenResponse,
  TokenEndpointUnavailable,
  TokenErrorResponse,
  TransportError,
} from "../errors.js"
import type { AuthorizationServer } from "../registration/AuthorizationServer.js"
import type { Client } from "../registration/Client.js"
import type { Grant } from "./Grant.js"
import type { HttpResponse } from "./HttpMessage.js"
import { parseRetryAfter } from "./retryAfter.js"
import { Token } from "./Token.js"
import { readTokenErrorBody } from "./TokenErrorBody.js"
import { secretsOf } from "./TokenRequest.js"
import { tokenErrorHint } from "./tokenErrorHint.js"

export interface TokenResponseContext {
  readonly server: AuthorizationServer
  readonly client: Client
  /** The grant that was sent. */
  readonly grant: Grant
  /** The token that is being refreshed: what the reply leaves out stays as it was. */
  readonly previous?: Token | undefined
  /** When the request was sent, in milliseconds since the epoch: a lifetime counts from here, to be safe. */
  readonly sentAt: number
  /** When the reply came, in milliseconds since the epoch: a `Retry-After` date counts from here. */
  readonly receivedAt: number
}

/**
 * Reads any reply that a server can send.
 *
 * @throws TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable or TransportError, and nothing else
 */
export const parseTokenResponse = (response: HttpResponse, context: TokenResponseContext): Token => {
  const { status, headers, body } = response
  const clean = (text: string | undefined) =>
    text ? redact(text, secretsOf(context.client, context.grant)) || undefined : undefined
  const json = parseJsonObject(body)

  if (status === 0 || (status >= 300 && status < 400)) {
    throw new TransportError({
      reason: "redirect",
      sent: "maybe",
      detail: redirectTarget(headers["location"]),
    })
  }
  const error = status < 300 && !hasError(json) ? undefined : readTokenErrorBody(status, json, body)
  if (status === 408 || status === 425 || status === 429 || status >= 500 || isUnavailable(error?.error)) {
    throw new TokenEndpointUnavailable({
      status,
      retryAfter: parseRetryAfter(headers["retry-after"], context.receivedAt),
      summary: clean(error === undefined ? pageTitle(body) : summarize(error)),
    })
  }
  if (error !== undefined) {
    const said = error.errorDescription ?? ""
    throw new TokenErrorResponse({
      error: clean(error.error) ?? "",
      inferred: error.inferred,
      status,
      errorDescription: clean(error.errorDescription),
      errorUri: clean(error.errorUri),
      challenge: clean(headers["www-authenticate"]),
      hint: tokenErrorHint({ ...context, status, error: error.error, said }),
    })
  }
  if (json !== undefined && status >= 200 && status < 300) return readToken(status, json, context)
  // A reply that stops in the middle of its JSON was cut off on the way, whatever its headers say.
  if (status < 300 && /^\s*\{/.test(body) && !/\}\s*$/.test(body)) {
    throw new TransportError({ reason: "network", sent: "maybe", detail: "the reply was cut off" })
  }
  throw new InvalidTokenResponse({ status, problem: describeBody(body, clean) })
}

const readToken = (status: number, json: JsonObject, context: TokenResponseContext): Token => {
  const { grant, previous, sentAt } = context
  const { access_token, token_type, expires_in, refresh_token, scope, ...extra } = json
  const refuse = (member: string, value: unknown, expected: string): never => {
    throw new InvalidTokenResponse({
      status,
      problem: `"${member}" is ${describe(value)}, expected ${expected}`,
    })
  }
  // Anything else could not be sent back as a bearer token (RFC 6749 appendix A.12, RFC 6750 §2.1).
  if (typeof access_token !== "string" || !/^[\x21-\x7e]+$/.test(access_token)) {
    return refuse("access_token", access_token, "a string of printable ASCII without spaces")
  }
  // RFC 6749 §7.1 forbids the use of a token of an unknown type. This provider may not name the type at all.
  const tokenType = token_type ?? "Bearer"
  if (typeof tokenType !== "string" || tokenType.toLowerCase() !== "bearer") {
    return refuse("token_type", token_type, '"Bearer", the only type that this library can use')
  }
  if (typeof (refresh_token ?? "") !== "string") {
    return refuse("refresh_token", refresh_token, "a string")
  }
  const lifetime = readLifetime(expires_in)
  if (Number.isNaN(lifetime)) {
    return refuse("expires_in", expires_in, "a positive number of seconds")
  }
  const received = typeof refresh_token === "string" && refresh_token !== "" ? refresh_token : undefined
  const kept = grant.grantType === "refresh_token" ? grant.refreshToken : undefined
  const requested = grant.grantType === "authorization_code" ? grant.scope : undefined
  return new Token({
    accessToken: access_token,
    refreshToken: received ?? kept,
    tokenType: "Bearer",
    expiresAt: lifetime === undefined ? undefined : sentAt + lifetime,
    issuedAt: sentAt,
    scope: readScope(scope) ?? previous?.scope ?? requested ?? context.server.defaultScope,
    extra: { ...previous?.extra, ...extra },
  })
}

/** No token of any server lives for longer than this, in seconds; above, the number means something else. */
const longestLifetime = 10 * 365 * 24 * 3600

/** @returns milliseconds; `undefined` where the server did not say; NaN for nonsense, a date or a past */
const readLifetime = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return undefined
  const seconds =
    typeof value === "number"
      ? value
      : typeof value === "string" && /^\s*\d+(\.\d+)?\s*$/.test(value)
        ? Number(value)
        : Number.NaN
  return seconds >= 0.001 && seconds <= longestLifetime ? Math.floor(seconds * 1000) : Number.NaN
}

const readScope = (value: unknown): readonly string[] | undefined => {
  const parts = typeof value === "string" ? value.split(/\s+/) : Array.isArray(value) ? value : []
  const named = parts.filter((part): part is string => typeof part === "string" && part !== "")
  return named.length === 0 ? undefined : named
}

type JsonObject = Readonly<Record<string, unknown>>

const parseJsonObject = (body: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(body.replace(/^\ufeff/, ""))
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Some servers answer 200 with an error inside. */
const hasError = (json: JsonObject | undefined): boolean =>
  json !== undefined && Boolean(json["error"] || (json["access_token"] === undefined && json["message"]))

const isUnavailable = (error: string | undefined): boolean =>
  error === "temporarily_unavailable" || error === "server_error"

const summarize = (error: {
  readonly error: string
  readonly inferred: boolean
  readonly errorDescription: string | undefined
}) =>
  error.inferred ? error.errorDescription : [error.error, error.errorDescription].filter(Boolean).join(": ")

const redirectTarget = (location: string | undefined): string | undefined => {
  try {
    return `to ${new URL(location ?? "").origin}`
  } catch {
    return location === undefined ? undefined : "to another path of the same server"
  }
}

const pageTitle = (body: string): string | undefined => /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1]?.trim()

/** Says what kind of body this is. Its content may hold a token, so only an HTML page's title is quoted. */
const describeBody = (body: string, clean: (text: string) => string | undefined): string => {
  const start = body.trimStart().slice(0, 1)
  if (start === "") return "the body is empty"
  if (start === "<") {
    const title = pageTitle(body)
    return title === undefined
      ? "the body is HTML or XML"
      : `the body is an HTML page titled "${clean(title)}"`
  }
  return start === "{" || start === "[" ? "the body is JSON without a token" : "the body is not JSON"
}
