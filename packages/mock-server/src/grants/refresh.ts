/** The refresh token grant (RFC 6749 section 6) with rotation and reuse detection (RFC 9700 section 4.14.2). */

import { inWords } from "../common/Duration.js"
import { type ClientRegistration, limits } from "../protocol/ClientRegistration.js"
import { malformed, Refusal } from "../protocol/Refusal.js"
import type { Settings } from "../protocol/Settings.js"
import type { RefreshToken } from "./Grants.js"
import type { Provider } from "./Provider.js"

export interface Refreshed {
  readonly token: RefreshToken
  /** The token that replaces it, where tokens rotate. */
  readonly next: RefreshToken | undefined
  readonly scope: string
}

const field = "refresh_token"

const invalidToken = (reason: string, facts: { expected?: string; got?: string } = {}): Refusal =>
  new Refusal({
    error: "invalid_grant",
    description: "The refresh token is invalid, expired, revoked or was issued to another client.",
    reason,
    field,
    ...facts,
  })

const refuseReuse = (
  provider: Provider,
  { grace, reuse }: Exclude<Settings["rotation"], "off">,
  token: RefreshToken,
  rotatedAt: number,
): Refusal => {
  const now = provider.clock.now()
  const revokes = reuse === "revokeFamily"
  if (revokes) provider.grants.revokeFamily(token.family, now, "a rotated refresh token was used again")
  const graceWords = grace > 0 ? `, longer than the grace period of ${inWords(grace)}` : ""
  const consequence = revokes ? " The whole family is now revoked." : ""
  return invalidToken(
    `The refresh token was rotated ${inWords(now - rotatedAt)} ago by request ${token.rotatedBy}${graceWords}, and was used again.${consequence}`,
    {
      expected: "the newest refresh token of the family",
      got: `number ${token.number} of ${token.family.issued}`,
    },
  )
}

/** Starts a new family, as a server does that does not store the tokens it issued. */
const startFamily = ({ grants, clock, settings }: Provider, { clientId }: ClientRegistration) => {
  const issuedAt = clock.now()
  const [user] = settings.users
  const family = grants.addFamily({ clientId, user, scope: settings.scopes[0], issuedAt })
  return grants.addRefreshToken(family, undefined, issuedAt)
}

const findToken = (provider: Provider, client: ClientRegistration, value: string): RefreshToken | Refusal => {
  const { grants, clock, settings } = provider
  if (value.length > limits.refresh_token) {
    return malformed("refresh_token is longer than the provider can store.", {
      field,
      expected: `at most ${limits.refresh_token} characters`,
      got: `${value.length} characters`,
    })
  }
  const token = grants.refreshTokens.get(value)
  if (token === undefined) {
    if (settings.unknownRefreshTokens === "accept") return startFamily(provider, client)
    return grants.accessTokens.has(value)
      ? invalidToken("This is an access token, not a refresh token.", {
          expected: "a refresh token",
          got: "an access token",
        })
      : invalidToken("This refresh token was never issued here, or so long ago that it was deleted.", {
          got: `${value.length} characters`,
        })
  }
  const { family } = token
  if (family.clientId !== client.clientId) {
    return invalidToken("The refresh token was issued to another client.", {
      expected: family.clientId,
      got: client.clientId,
    })
  }
  const now = clock.now()
  if (family.revokedAt !== undefined) {
    return invalidToken(
      `The family of this refresh token was revoked ${inWords(now - family.revokedAt)} ago: ${family.revokedBecause}.`,
    )
  }
  if (token.revokedAt !== undefined) {
    return invalidToken(`The refresh token was revoked ${inWords(now - token.revokedAt)} ago.`)
  }
  const age = now - token.issuedAt
  if (age >= settings.refreshTokenLifetime) {
    return invalidToken(
      `The refresh token is ${inWords(age)} old; refresh tokens are valid for ${inWords(settings.refreshTokenLifetime)}.`,
      {
        expected: `less than ${inWords(settings.refreshTokenLifetime)} old`,
        got: `${inWords(age)} old`,
      },
    )
  }
  const { rotation } = settings
  if (rotation !== "off" && token.rotatedAt !== undefined && now - token.rotatedAt >= rotation.grace)
    return refuseReuse(provider, rotation, token, token.rotatedAt)
  return token
}

const readScope = (granted: string, asked: string | undefined): string | Refusal => {
  if (asked === undefined) return granted
  const held = granted.split(" ")
  const extra = asked.split(" ").find((item) => !held.includes(item))
  if (extra === undefined) return asked
  return new Refusal({
    error: "invalid_scope",
    description: "The scope is unknown, malformed or more than was granted.",
    reason: "A refresh must not request more scope than was granted (RFC 6749 section 6).",
    field: "scope",
    expected: granted,
    got: extra.slice(0, 50),
  })
}

/** Uses a refresh token, and rotates it if the server rotates tokens. */
export const refresh = (
  provider: Provider,
  client: ClientRegistration,
  parameters: ReadonlyMap<string, string>,
): Refreshed | Refusal => {
  const value = parameters.get(field)
  if (value === undefined) {
    return malformed("There is no refresh_token.", {
      description: "A required parameter is missing.",
      field,
      expected: "a value",
      got: "nothing",
    })
  }
  const token = findToken(provider, client, value)
  if (token instanceof Refusal) return token
  const scope = readScope(token.family.scope, parameters.get("scope"))
  if (scope instanceof Refusal) return scope

  const now = provider.clock.now()
  token.uses += 1
  token.lastUsedAt = now
  if (provider.settings.rotation === "off") return { token, next: undefined, scope }
  token.rotatedAt ??= now
  token.rotatedBy ??= provider.log.nextNumber
  return { token, next: provider.grants.addRefreshToken(token.family, token, now), scope }
}
