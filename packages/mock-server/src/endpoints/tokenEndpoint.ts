/** `POST /oauth/token`: the two grants of the provider (RFC 6749 sections 4.1.3 and 6). */

import type { AccessToken, RefreshToken } from "../grants/Grants.js"
import type { Provider } from "../grants/Provider.js"
import { redeemCode } from "../grants/redeemCode.js"
import { refresh } from "../grants/refresh.js"
import { authenticateClient, readCredentials } from "../protocol/authenticateClient.js"
import { jsonResponse, type PlainRequest, type PlainResponse } from "../protocol/Message.js"
import { forLog, parseForm } from "../protocol/Parameters.js"
import { malformed, Refusal, refusalResponse } from "../protocol/Refusal.js"
import { readBody } from "../protocol/readBody.js"
import type { Settings } from "../protocol/Settings.js"
import { type Decision, type Known, refused } from "./Decision.js"

const credentialNames = [
  "client_id",
  "client_secret",
  "authorization_code",
  "code",
  "refresh_token",
  "code_verifier",
  "grant_type",
]

const tokenResponse = (
  settings: Settings,
  access: AccessToken,
  refreshToken: RefreshToken | undefined,
  namesScope: boolean,
): PlainResponse => {
  const seconds = Math.floor((access.expiresAt - access.issuedAt) / 1_000)
  return jsonResponse(settings.tokenStatus, {
    access_token: access.token,
    token_type: settings.tokenType === "omit" ? undefined : settings.tokenType,
    expires_in:
      settings.expiresIn === "omit" ? undefined : settings.expiresIn === "string" ? String(seconds) : seconds,
    refresh_token: refreshToken?.token,
    scope: namesScope ? access.scope : undefined,
  })
}

const issueAccessToken = (
  { grants, clock, settings }: Provider,
  from: RefreshToken,
  scope: string,
): AccessToken => {
  const issuedAt = clock.now()
  return grants.addAccessToken(from, {
    scope,
    issuedAt,
    expiresAt: issuedAt + settings.accessTokenLifetime,
  })
}

const grantCode = (provider: Provider, known: Known, ...rest: Tail<typeof redeemCode>): Decision => {
  const family = redeemCode(provider, ...rest)
  if (family instanceof Refusal) return refusedByStatus(provider, known, family)
  const refreshToken = provider.grants.addRefreshToken(family, undefined, provider.clock.now())
  const { settings } = provider
  return {
    response: tokenResponse(
      settings,
      issueAccessToken(provider, refreshToken, family.scope),
      settings.refreshTokens === "issue" ? refreshToken : undefined,
      settings.scopeInReply !== "omit",
    ),
    facts: {
      ...known,
      familyId: family.id,
      decision: "granted",
      reason: "The code was exchanged for tokens.",
    },
  }
}

const grantRefresh = (provider: Provider, known: Known, ...rest: Tail<typeof refresh>): Decision => {
  const refreshed = refresh(provider, ...rest)
  const presented = provider.grants.refreshTokens.get(rest[1].get("refresh_token") ?? "")
  const { family } = presented ?? {}
  const newest = family?.accessTokens.at(-1)
  const facts: Known = {
    ...known,
    familyId: family?.id,
    accessTokenLeft: newest === undefined ? undefined : Math.max(0, newest.expiresAt - provider.clock.now()),
  }
  if (refreshed instanceof Refusal) return refusedByStatus(provider, facts, refreshed)
  const { token, next, scope } = refreshed
  return {
    response: tokenResponse(
      provider.settings,
      issueAccessToken(provider, next ?? token, scope),
      next,
      provider.settings.scopeInReply === "always",
    ),
    facts: {
      ...facts,
      decision: "granted",
      reason:
        next === undefined
          ? "The refresh token was used for a new access token and stays valid."
          : `The refresh token was used and rotated: number ${next.number} of its family replaces number ${token.number}.`,
    },
  }
}

/** Applies `errorStatus`: some servers use another status for these errors. */
const refusedByStatus = (provider: Provider, known: Known, refusal: Refusal): Decision => {
  const { errorFormat, errorStatus } = provider.settings
  const { error } = refusal
  const status = error === "invalid_grant" || error === "invalid_client" ? errorStatus[error] : undefined
  const response = refusalResponse(refusal, errorFormat)
  return refused(provider, known, refusal, status === undefined ? response : { ...response, status })
}

type Tail<F> = F extends (first: never, ...rest: infer Rest) => unknown ? Rest : never

/** Handles a token request. */
export const tokenEndpoint = (provider: Provider, request: PlainRequest, queryText: string): Decision => {
  const { settings } = provider
  if (request.method !== "POST") {
    const reason = "The token endpoint takes POST (RFC 6749 section 3.2)."
    const refusal = malformed(reason, {
      description: reason,
      status: 405,
      headers: { allow: "POST" },
      expected: "POST",
      got: request.method,
    })
    return refused(provider, { parameters: {} }, refusal)
  }
  const query = parseForm(queryText)
  const body = readBody(request, settings.bodyEncoding)
  let known: Known = {
    parameters: body instanceof Refusal ? {} : forLog(body.values),
    query: query instanceof Refusal || queryText === "" ? undefined : forLog(query.values),
  }
  if (query instanceof Refusal) return refused(provider, known, query)
  if (body instanceof Refusal) return refused(provider, known, body)

  const header = request.header("authorization")
  // A secret that is not checked cannot be encoded wrongly.
  const decoding = settings.clientSecrets === "ignore" ? "raw" : settings.basicDecoding
  const credentials = readCredentials(header, body.values, decoding)
  const grantType = body.values.get("grant_type")
  const clientId = credentials instanceof Refusal ? body.values.get("client_id") : credentials.clientId
  known = {
    ...known,
    grantType: grantType?.slice(0, 100),
    clientId: clientId?.slice(0, 100),
    clientAuthentication:
      header !== undefined && body.values.has("client_secret")
        ? "body and basic"
        : credentials instanceof Refusal
          ? undefined
          : credentials.method,
  }
  const misplaced = credentialNames.find((name) => query.values.has(name))
  if (misplaced !== undefined) {
    return refused(
      provider,
      known,
      malformed(
        "Parameters of a token request belong in its body, never in the URL (RFC 6749 section 2.3.1).",
        {
          field: misplaced,
          expected: "in the body",
          got: "in the query",
        },
      ),
    )
  }
  const [twice] = body.repeated
  if (twice !== undefined) {
    return refused(
      provider,
      known,
      malformed("A parameter was sent more than once (RFC 6749 section 3.2).", {
        field: twice.slice(0, 50),
        expected: "one",
        got: "several",
      }),
    )
  }
  if (credentials instanceof Refusal) return refusedByStatus(provider, known, credentials)
  const client = authenticateClient(settings, credentials)
  if (client instanceof Refusal) return refusedByStatus(provider, known, client)

  switch (grantType) {
    case "authorization_code":
      return grantCode(provider, known, client, body.values)
    case "refresh_token":
      return grantRefresh(provider, known, client, body.values)
    case undefined:
      return refused(
        provider,
        known,
        malformed("There is no grant_type.", {
          description: "A required parameter is missing.",
          field: "grant_type",
          expected: "authorization_code or refresh_token",
          got: "nothing",
        }),
      )
    default:
      return refused(
        provider,
        known,
        new Refusal({
          error: "unsupported_grant_type",
          description: "The grant type is not supported.",
          reason: "The provider supports only two grant types, and not this one.",
          field: "grant_type",
          expected: "authorization_code or refresh_token",
          got: grantType.slice(0, 50),
        }),
      )
  }
}
