/** The two calls of the provider, bare: a code for a token, and a refresh token for a token. */
import { authorizationCodeGrant } from "./Grant.js"
import { Token } from "./Token.js"
import { requestToken, type TokenEndpointOptions } from "./TokenEndpoint.js"
import type { TokenRequestPlatform } from "./TokenRequestPlatform.js"

/** What `exchangeAuthorizationCode` takes: the result of `parseAuthorizationResponse`, or its members. */
export interface ExchangeAuthorizationCodeOptions {
  readonly code: string
  readonly codeVerifier?: string | undefined
  /** The client's own if left out. */
  readonly redirectUri?: string | undefined
  readonly scope?: string | undefined
}

export const exchangeAuthorizationCode = (
  platform: TokenRequestPlatform,
  endpoint: TokenEndpointOptions,
  response: ExchangeAuthorizationCodeOptions,
  signal: AbortSignal | undefined,
): Promise<Token> => {
  // Nothing at all, as plain JavaScript can pass it, is a missing code.
  const { code, codeVerifier, redirectUri = endpoint.client.redirectUri, scope } = response ?? { code: "" }
  const grant = authorizationCodeGrant({ code, codeVerifier, redirectUri, scope })
  return requestToken(platform, endpoint, grant, { signal })
}

/** Given a whole token, what the reply leaves out stays as it was. */
export const exchangeRefreshToken = (
  platform: TokenRequestPlatform,
  endpoint: TokenEndpointOptions,
  token: Token | string | undefined,
  signal: AbortSignal | undefined,
): Promise<Token> => {
  const previous = token instanceof Token ? token : undefined
  const refreshToken = (token instanceof Token ? token.refreshToken : token) ?? ""
  return requestToken(platform, endpoint, { grantType: "refresh_token", refreshToken }, { previous, signal })
}
