/** Builds the HTTP request of a grant. Pure. */
import type * as Result from "effect/Result"
import { checked } from "../common/checked.js"
import { badOption, requireString } from "../common/options.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"
import { type Client, requireRedirectUri } from "./Client.js"
import type { AuthorizationCodeGrant, Grant, RefreshTokenGrant } from "./Grant.js"
import { HttpRequest } from "./HttpMessage.js"

/** Fails with ConfigurationError for a parameter that is malformed or longer than the server stores. */
export const buildTokenRequest = (
  server: AuthorizationServer,
  client: Client,
  grant: Grant,
): Result.Result<HttpRequest, ConfigurationError> =>
  checked(() => {
    const { credentials } = client
    const parameters = { ...grantParameters(server, grant), ...credentials.parameters }
    const json = server.bodyEncoding === "json"
    return new HttpRequest(
      server.tokenEndpoint,
      {
        accept: "application/json",
        "content-type": json ? "application/json" : "application/x-www-form-urlencoded",
        ...credentials.headers,
      },
      json ? JSON.stringify(parameters) : new URLSearchParams(parameters).toString(),
    )
  })

/** All secrets in the request of this grant. They are removed from texts of the server. */
export const secretsOf = (client: Client, grant: Grant): readonly string[] => [
  ...client.credentials.secrets,
  ...(grant.grantType === "refresh_token" ? [grant.refreshToken] : [grant.code, grant.codeVerifier ?? ""]),
]

const grantParameters = (server: AuthorizationServer, grant: Grant): Readonly<Record<string, string>> =>
  grant.grantType === "refresh_token"
    ? refreshTokenParameters(grant)
    : authorizationCodeParameters(server, grant)

const refreshTokenParameters = (grant: RefreshTokenGrant) => ({
  grant_type: "refresh_token",
  refresh_token: requireString("refreshToken", grant.refreshToken, {
    expected: "the refresh token that came with an access token",
    secret: true,
  }),
})

const authorizationCodeParameters = (server: AuthorizationServer, grant: AuthorizationCodeGrant) => {
  const { redirectUri, codeVerifier } = grant
  const code = requireString("code", grant.code, { expected: "the code of the redirect", secret: true })
  return {
    grant_type: "authorization_code",
    [server.codeParameter]: code,
    ...(redirectUri === undefined ? {} : { redirect_uri: requireRedirectUri(server, redirectUri) }),
    ...(codeVerifier === undefined ? {} : { code_verifier: requireCodeVerifier(codeVerifier) }),
  }
}

/** RFC 7636 §4.1 */
const requireCodeVerifier = (codeVerifier: unknown): string => {
  if (typeof codeVerifier !== "string" || !/^[A-Za-z0-9\-._~]{43,128}$/.test(codeVerifier)) {
    throw badOption(
      "codeVerifier",
      codeVerifier,
      "the verifier of the authorization request: 43 to 128 of the characters A-Z a-z 0-9 - . _ ~",
    )
  }
  return codeVerifier
}
