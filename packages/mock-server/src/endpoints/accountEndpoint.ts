/** `GET /account`: an API call behind a Bearer token (RFC 6750). */
import { inWords } from "../common/Duration.js"
import type { Provider } from "../grants/Provider.js"
import { jsonResponse, type PlainRequest } from "../protocol/Message.js"
import { malformed, Refusal } from "../protocol/Refusal.js"
import { type Decision, type Known, refused } from "./Decision.js"

const realm = 'Bearer realm="ellipsis-drive-mock"'

const invalidToken = (reason: string, facts: { expected?: string; got?: string } = {}): Refusal => {
  const description = "The access token is invalid, expired or revoked."
  return new Refusal({
    error: "invalid_token",
    description,
    reason,
    field: "Authorization",
    status: 401,
    headers: { "www-authenticate": `${realm}, error="invalid_token", error_description="${description}"` },
    ...facts,
  })
}

/** RFC 6750 section 3: no error code when the request had no token at all. */
const noToken = (reason: string, got: string): Refusal =>
  new Refusal({
    error: "invalid_token",
    description: "An access token is required.",
    reason,
    field: "Authorization",
    expected: "Bearer and an access token",
    got,
    status: 401,
    headers: { "www-authenticate": realm },
  })

/** Decides a request for the account. */
export const accountEndpoint = (provider: Provider, request: PlainRequest, query: string): Decision => {
  const known: Known = { parameters: {} }
  if (request.method !== "GET") {
    const reason = "The account takes GET."
    return refused(
      provider,
      known,
      malformed(reason, {
        description: reason,
        status: 405,
        headers: { allow: "GET" },
        expected: "GET",
        got: request.method,
      }),
    )
  }
  if (new URLSearchParams(query).has("access_token")) {
    return refused(
      provider,
      known,
      malformed(
        "The access token is in the URL, where logs and histories keep it (RFC 9700 section 4.3.2).",
        { field: "access_token", expected: "in the Authorization header", got: "in the query" },
      ),
    )
  }
  const header = request.header("authorization")
  if (header === undefined)
    return refused(provider, known, noToken("There is no Authorization header.", "nothing"))
  const value = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header.trim())?.[1]
  if (value === undefined) {
    return refused(
      provider,
      known,
      noToken(
        "The Authorization header is no Bearer header (RFC 6750 section 2.1).",
        `the scheme ${/^\S{1,20}/.exec(header)?.[0] ?? "(none)"}`,
      ),
    )
  }

  const { grants, clock } = provider
  const token = grants.accessTokens.get(value)
  if (token === undefined) {
    return refused(
      provider,
      known,
      invalidToken(
        grants.refreshTokens.has(value)
          ? "This is a refresh token, not an access token."
          : "This access token was never issued here, or so long ago that it is forgotten.",
      ),
    )
  }
  const { family } = token
  const facts: Known = { ...known, clientId: family.clientId, familyId: family.id }
  const now = clock.now()
  if (family.revokedAt !== undefined) {
    return refused(
      provider,
      facts,
      invalidToken(
        `The family of this access token was revoked ${inWords(now - family.revokedAt)} ago: ${family.revokedBecause}.`,
      ),
    )
  }
  if (token.revokedAt !== undefined) {
    return refused(
      provider,
      facts,
      invalidToken(`The access token was revoked ${inWords(now - token.revokedAt)} ago.`),
    )
  }
  if (now >= token.expiresAt) {
    return refused(
      provider,
      facts,
      invalidToken(`The access token expired ${inWords(now - token.expiresAt)} ago.`, {
        expected: `less than ${inWords(token.expiresAt - token.issuedAt)} old`,
        got: `${inWords(now - token.issuedAt)} old`,
      }),
    )
  }
  return {
    reply: jsonResponse(200, { id: family.user.id, username: family.user.username }),
    facts: {
      ...facts,
      decision: "served",
      reason: `The access token is valid; it belongs to ${family.user.username}.`,
    },
  }
}
