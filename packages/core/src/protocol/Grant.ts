/** The two grants of the token endpoint (RFC 6749 §4.1.3 and §6). */

import { parseScope } from "./scope.js"

/** An authorization code in exchange for a token (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export interface AuthorizationCodeGrant {
  readonly grantType: "authorization_code"
  readonly code: string
  /** Required if the authorization request had one. */
  readonly redirectUri?: string | undefined
  /** Required if the authorization request had a challenge (RFC 7636 §4.5). */
  readonly codeVerifier?: string | undefined
  /** The scope that was requested. It is the granted scope if the token response names none (RFC 6749 §5.1). */
  readonly scope?: readonly string[] | undefined
}

/** A refresh token in exchange for a token (RFC 6749 section 6). */
export interface RefreshTokenGrant {
  readonly grantType: "refresh_token"
  readonly refreshToken: string
}

/** One of the two grants. */
export type Grant = AuthorizationCodeGrant | RefreshTokenGrant

/** Makes a grant from a checked authorization response. */
export const authorizationCodeGrant = (response: {
  readonly code: string
  readonly codeVerifier?: string | undefined
  readonly redirectUri?: string | undefined
  readonly scope?: string | undefined
}): AuthorizationCodeGrant => {
  const { code, codeVerifier, redirectUri, scope } = response
  return { grantType: "authorization_code", code, codeVerifier, redirectUri, scope: parseScope(scope) }
}
