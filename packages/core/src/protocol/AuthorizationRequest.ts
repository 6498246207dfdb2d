/** The authorization request: the URL that a user is sent to (RFC 6749 §4.1.1, RFC 7636 §4.3). Pure. */
import * as Base64Url from "effect/encoding/Base64Url"
import type * as Result from "effect/Result"
import { checked } from "../common/checked.js"
import { requireString } from "../common/options.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"
import type { Client } from "./Client.js"
import type { CodeChallengeMethod } from "./pkce.js"
import { formatScope, type ScopeOption } from "./scope.js"

/** The start of a login: the URL to send the user to, and what to keep until the user comes back. */
export interface AuthorizationRequest {
  /** Send the user here. */
  readonly url: string
  /** Keep this in the user's own session, where only the app can read it: it contains the state and the verifier. */
  readonly transaction: string
}

/** The parameters of an authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3). */
export interface AuthorizationRequestParameters {
  readonly redirectUri?: string | undefined
  /** One string with spaces, or a list. The server's default if left out. */
  readonly scope?: ScopeOption | undefined
  /** Ties the redirect to this user's session (RFC 6749 §10.12). */
  readonly state: string
  readonly codeChallenge?: string | undefined
  readonly codeChallengeMethod?: CodeChallengeMethod | undefined
  /** Further parameters of the query, such as `prompt`. They cannot replace a standard parameter. */
  readonly extra?: Readonly<Record<string, string>> | undefined
}

/** 192 bits in 32 characters: more than the 128 bits of RFC 6749 §10.10 and within this provider's 50. */
export const stateBytes = 24

export const formatState = (randomBytes: Uint8Array): string => Base64Url.encode(randomBytes)

/**
 * Builds the authorization URL. The caller supplies state and challenge. Fails with ConfigurationError for a parameter
 * that is malformed or longer than the server stores.
 */
export const buildAuthorizationRequest = (
  server: AuthorizationServer,
  client: Client,
  parameters: AuthorizationRequestParameters,
): Result.Result<string, ConfigurationError> =>
  checked(() => {
    const { limits } = server
    const query = new URLSearchParams({ response_type: "code", client_id: client.clientId })
    const { redirectUri, codeChallenge, codeChallengeMethod, extra = {} } = parameters
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
    for (const [name, value] of Object.entries(extra)) {
      const expected = "a string"
      if (!query.has(name)) query.set(name, requireString(`extra.${name}`, value, { expected }))
    }
    return `${server.authorizationEndpoint}?${query}`
  })
