/** Checks the access token of an API request (RFC 6750). */
import { inWords } from "../common/Duration.js"
import type { Provider } from "../grants/Provider.js"
import { describeScheme } from "../protocol/describeScheme.js"
import type { PlainRequest } from "../protocol/Message.js"
import { Refusal } from "../protocol/Refusal.js"
import type { User } from "../protocol/Settings.js"
import type { Known } from "./Decision.js"

export interface Bearer {
  readonly known: Known
  readonly user: User
}

export interface BearerRefusal {
  readonly known: Known
  readonly refusal: Refusal
}

const realm = 'Bearer realm="ellipsis-drive-mock"'

const invalidToken = (
  field: string,
  reason: string,
  facts: { expected?: string; got?: string } = {},
): Refusal => {
  const description = "The access token is invalid, expired or revoked."
  return new Refusal({
    error: "invalid_token",
    description,
    reason,
    field,
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

const checkToken = (
  { grants, clock }: Provider,
  known: Known,
  field: string,
  value: string,
): Bearer | BearerRefusal => {
  const token = grants.accessTokens.get(value)
  if (token === undefined) {
    const reason = grants.refreshTokens.has(value)
      ? "This is a refresh token, not an access token."
      : "This access token was never issued here, or so long ago that it was deleted."
    return { known, refusal: invalidToken(field, reason) }
  }
  const { family } = token
  const facts: Known = { ...known, clientId: family.clientId, familyId: family.id }
  const refuse = (...rest: readonly [string, { expected?: string; got?: string }?]): BearerRefusal => ({
    known: facts,
    refusal: invalidToken(field, ...rest),
  })
  const now = clock.now()
  if (family.revokedAt !== undefined) {
    return refuse(
      `The family of this access token was revoked ${inWords(now - family.revokedAt)} ago: ${family.revokedBecause}.`,
    )
  }
  if (token.revokedAt !== undefined) {
    return refuse(`The access token was revoked ${inWords(now - token.revokedAt)} ago.`)
  }
  if (now >= token.expiresAt) {
    return refuse(`The access token expired ${inWords(now - token.expiresAt)} ago.`, {
      expected: `less than ${inWords(token.expiresAt - token.issuedAt)} old`,
      got: `${inWords(now - token.issuedAt)} old`,
    })
  }
  return { known: facts, user: family.user }
}

/** `queryToken` is for endpoints that also read the token from the URL; the header takes precedence. */
export const checkBearer = (
  provider: Provider,
  known: Known,
  request: PlainRequest,
  queryToken?: string,
): Bearer | BearerRefusal => {
  const header = request.header("authorization")
  if (header === undefined) {
    return queryToken === undefined
      ? { known, refusal: noToken("There is no Authorization header.", "nothing") }
      : checkToken(provider, known, "token", queryToken)
  }
  const value = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(header)?.[1]
  if (value !== undefined) return checkToken(provider, known, "Authorization", value)
  return {
    known,
    refusal: noToken(
      "The Authorization header is not a Bearer header (RFC 6750 section 2.1).",
      describeScheme(header),
    ),
  }
}
