/** The authorization request: the URL that a user is sent to (RFC 6749 §4.1.1, RFC 7636 §4.3). */
import { encodeBase64Url } from "../common/base64.js"
import { describe, requireString } from "../common/options.js"
import { ConfigurationError } from "../errors.js"
import type { Platform } from "../platform/Platform.js"
import type { AuthorizationServer } from "../registration/AuthorizationServer.js"
import { type Client, requireRedirectUri } from "../registration/Client.js"
import { serializeTransaction } from "./AuthorizationTransaction.js"
import { type CodeChallengeMethod, makeCodeChallenge, makeCodeVerifier } from "./Pkce.js"

export interface AuthorizationRequest {
  /** Send the user here. */
  readonly url: string
  /** Keep this in the user's own session, where only the app can read it: it holds state and verifier. */
  readonly transaction: string
}

export interface CreateAuthorizationRequestOptions {
  /** One string with spaces, or a list; the server's default if left out. */
  readonly scope?: string | readonly string[]
  /** Where the app wants to go after the login; it comes back from `parseAuthorizationResponse`. */
  readonly returnTo?: string
  /** Overrides the client's own, where several are registered. */
  readonly redirectUri?: string
}

export interface AuthorizationRequestParameters {
  readonly redirectUri?: string | undefined
  /** One string with spaces, or a list. The server's default if left out. */
  readonly scope?: string | readonly string[] | undefined
  /** Ties the redirect to this user's session (RFC 6749 §10.12). */
  readonly state: string
  readonly codeChallenge?: string | undefined
  readonly codeChallengeMethod?: CodeChallengeMethod | undefined
}

/**
 * Builds the authorization URL. Pure: state and challenge are the caller's.
 *
 * @throws ConfigurationError where a parameter is malformed or longer than the server stores
 */
export const buildAuthorizationRequest = (
  server: AuthorizationServer,
  client: Client,
  parameters: AuthorizationRequestParameters,
): string => {
  const { limits } = server
  const query = new URLSearchParams({ response_type: "code", client_id: client.clientId })
  const { redirectUri, codeChallenge, codeChallengeMethod } = parameters
  if (redirectUri !== undefined) query.set("redirect_uri", redirectUri)
  const scope = formatScope(parameters.scope)
  if (scope !== undefined) query.set("scope", scope)
  const state = { expected: "an unguessable string", maxLength: limits.state }
  query.set("state", requireString("state", parameters.state, state))
  if (codeChallenge !== undefined) {
    const maxLength = limits.codeChallenge
    const expected = "a PKCE challenge"
    query.set(
      "code_challenge",
      requireString("codeChallenge", codeChallenge, { expected, maxLength, secret: true }),
    )
    // Always named, because a server that is not told the method assumes `plain` (RFC 7636 §4.3).
    query.set("code_challenge_method", codeChallengeMethod ?? "plain")
  }
  return `${server.authorizationEndpoint}?${query}`
}

/** One scope is any printable ASCII but space, quote and backslash (RFC 6749 §3.3). */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The wire's form of a scope: its parts with a space between. `undefined` for none. */
export const formatScope = (scope: string | readonly string[] | undefined): string | undefined => {
  if (scope === undefined) return undefined
  const parts: readonly unknown[] | undefined =
    typeof scope === "string"
      ? scope.split(" ").filter((part) => part !== "")
      : Array.isArray(scope)
        ? scope
        : undefined
  if (parts === undefined || !parts.every((part) => typeof part === "string" && scopeToken.test(part))) {
    throw new ConfigurationError({
      option: "scope",
      got: parts === undefined ? describe(scope) : "a scope with a character that RFC 6749 §3.3 forbids",
      expected: 'scopes such as "projects", in one string with spaces or in an array',
    })
  }
  return parts.length === 0 ? undefined : parts.join(" ")
}

/** 24 random bytes: 192 bits in 32 characters, more than the 128 bits of RFC 6749 §10.10 and within this provider's 50. */
const stateBytes = 24

/** Draws state and verifier, and builds the URL and the transaction that belongs to it. Rejects with ConfigurationError. */
export const createAuthorizationRequest = async (
  { crypto, clock }: Pick<Platform, "crypto" | "clock">,
  server: AuthorizationServer,
  client: Client,
  options: CreateAuthorizationRequestOptions & { readonly pkce: CodeChallengeMethod | "none" },
): Promise<AuthorizationRequest> => {
  const { pkce, returnTo } = options
  const redirectUri =
    options.redirectUri === undefined ? client.redirectUri : requireRedirectUri(server, options.redirectUri)
  const scope = formatScope(options.scope)
  const state = encodeBase64Url(crypto.randomBytes(stateBytes))
  const codeVerifier = pkce === "none" ? undefined : makeCodeVerifier((length) => crypto.randomBytes(length))
  const codeChallengeMethod = pkce === "none" ? undefined : pkce
  const codeChallenge =
    codeVerifier === undefined
      ? undefined
      : await makeCodeChallenge(crypto, codeChallengeMethod ?? "S256", codeVerifier)
  const createdAt = clock.now()
  return {
    url: buildAuthorizationRequest(server, client, {
      redirectUri,
      scope,
      state,
      codeChallenge,
      codeChallengeMethod,
    }),
    transaction: serializeTransaction({ state, codeVerifier, redirectUri, scope, returnTo, createdAt }),
  }
}
