/** Token families for tests, and their revocation. */

import { OptionError } from "../common/OptionError.js"
import type { AccessToken, Family, Grants, RefreshToken } from "./Grants.js"
import type { Provider } from "./Provider.js"

/** An access token of a family, and its state. */
export interface AccessTokenNode {
  readonly token: string
  readonly state: "active" | "expired" | "revoked"
  /** Epoch milliseconds, like all times here. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** A refresh token of a family, and its state. */
export interface RefreshTokenNode {
  readonly token: string
  /** 1 for the first of the family. */
  readonly number: number
  readonly state: "active" | "rotated" | "expired" | "revoked"
  readonly issuedAt: number
  readonly uses: number
  readonly lastUsedAt: number | undefined
  readonly rotatedAt: number | undefined
  /** Access tokens that were issued with it or by a refresh with it. */
  readonly accessTokens: readonly AccessTokenNode[]
  /** Refresh tokens that replaced it: more than one if it was used again within its grace period. */
  readonly children: readonly RefreshTokenNode[]
}

/** Everything that descends from one authorization code. */
export interface TokenFamily {
  readonly id: string
  readonly clientId: string
  readonly username: string
  readonly scope: string
  readonly issuedAt: number
  readonly revokedAt: number | undefined
  readonly revokedBecause: string | undefined
  /** Usually one; several once the oldest are deleted. */
  readonly refreshTokens: readonly RefreshTokenNode[]
}

const accessTokenNode = (token: AccessToken, now: number): AccessTokenNode => ({
  token: token.token,
  state:
    token.revokedAt !== undefined || token.family.revokedAt !== undefined
      ? "revoked"
      : now >= token.expiresAt
        ? "expired"
        : "active",
  issuedAt: token.issuedAt,
  expiresAt: token.expiresAt,
})

const tree = ({ clock, settings }: Provider, family: Family): TokenFamily => {
  const now = clock.now()
  const stateOf = (token: RefreshToken): RefreshTokenNode["state"] => {
    if (token.revokedAt !== undefined || family.revokedAt !== undefined) return "revoked"
    if (now - token.issuedAt >= settings.refreshTokenLifetime) return "expired"
    const { rotation } = settings
    if (rotation === "off" || token.rotatedAt === undefined) return "active"
    return now - token.rotatedAt >= rotation.grace ? "rotated" : "active"
  }
  const byParent = Map.groupBy(family.refreshTokens, ({ parent }) => parent)
  const accessByParent = Map.groupBy(family.accessTokens, ({ parent }) => parent)
  const nodes = new Map<number, RefreshTokenNode>()
  // Newest first, so that children exist before their parents; recursion would overflow on long chains.
  for (const token of family.refreshTokens.toReversed()) {
    nodes.set(token.number, {
      token: token.token,
      number: token.number,
      state: stateOf(token),
      issuedAt: token.issuedAt,
      uses: token.uses,
      lastUsedAt: token.lastUsedAt,
      rotatedAt: token.rotatedAt,
      accessTokens: (accessByParent.get(token.number) ?? []).map((access) => accessTokenNode(access, now)),
      children: (byParent.get(token.number) ?? []).flatMap(({ number }) => nodes.get(number) ?? []),
    })
  }
  return {
    id: family.id,
    clientId: family.clientId,
    username: family.user.username,
    scope: family.scope,
    issuedAt: family.issuedAt,
    revokedAt: family.revokedAt,
    revokedBecause: family.revokedBecause,
    refreshTokens: family.refreshTokens
      .filter(({ parent }) => !nodes.has(parent))
      .flatMap(({ number }) => nodes.get(number) ?? []),
  }
}

/** Every stored family, or only the `newest`; oldest first. */
export const listFamilies = (provider: Provider, newest?: number): readonly TokenFamily[] => {
  const families = [...provider.grants.families.values()]
  return families.slice(newest === undefined ? 0 : -newest).map((family) => tree(provider, family))
}

const findToken = (
  { accessTokens, refreshTokens }: Grants,
  token: string,
): AccessToken | RefreshToken | undefined => accessTokens.get(token) ?? refreshTokens.get(token)

/** Revokes one access or refresh token; the rest of its family stays valid. Fails with an `OptionError` if it is unknown. */
export const revoke = ({ grants, clock }: Provider, token: string): void => {
  const found = findToken(grants, token)
  if (found === undefined)
    throw new OptionError(
      "revoke",
      "a token that this server does not know",
      "an access or refresh token of this server",
    )
  found.revokedAt ??= clock.now()
}

/** Revokes every token of a family, named by its id or any of its tokens. */
export const revokeFamily = ({ grants, clock }: Provider, idOrToken: string): void => {
  const family = grants.families.get(idOrToken) ?? findToken(grants, idOrToken)?.family
  if (family === undefined) {
    throw new OptionError(
      "revokeFamily",
      "a token or an id that this server does not know",
      "the id of a family, or a token of it",
    )
  }
  grants.revokeFamily(family, clock.now(), "the test revoked it")
}

/** Expires every access token now, without moving the clock. */
export const expireAccessTokens = ({ grants, clock }: Provider): void => {
  const now = clock.now()
  for (const token of grants.accessTokens.values()) token.expiresAt = Math.min(token.expiresAt, now)
}
