/** The codes that were issued, and token families: all tokens that descend from one code. */
import { type BoundedMap, createBoundedMap } from "../common/BoundedMap.js"
import type { RandomSource } from "../common/RandomSource.js"
import type { Challenge } from "../protocol/Pkce.js"
import type { User } from "../protocol/Settings.js"

export interface Code {
  readonly code: string
  readonly clientId: string
  readonly user: User
  readonly scope: string
  readonly redirectUri: string
  /** False if the authorization request had none and the only registered URI was used. */
  readonly redirectUriGiven: boolean
  readonly challenge: Challenge | undefined
  readonly issuedAt: number
  /** When the code was exchanged, and in which log entry. */
  usedAt: number | undefined
  usedBy: number | undefined
  family: Family | undefined
}

export interface AccessToken {
  readonly token: string
  readonly family: Family
  /** Number of the refresh token that it came with or from. */
  readonly parent: number
  readonly scope: string
  readonly issuedAt: number
  expiresAt: number
  revokedAt: number | undefined
}

export interface RefreshToken {
  readonly token: string
  /** 1 for the first of its family. */
  readonly number: number
  /** Number of the token it was rotated from; 0 for the first. */
  readonly parent: number
  readonly family: Family
  readonly issuedAt: number
  uses: number
  lastUsedAt: number | undefined
  /** When a refresh first replaced the token, and in which log entry. */
  rotatedAt: number | undefined
  rotatedBy: number | undefined
  revokedAt: number | undefined
}

export interface Family {
  readonly id: string
  readonly clientId: string
  readonly user: User
  readonly scope: string
  readonly issuedAt: number
  revokedAt: number | undefined
  revokedBecause: string | undefined
  /** Oldest first, at most `perFamily` of each kind. */
  readonly refreshTokens: RefreshToken[]
  readonly accessTokens: AccessToken[]
  /** How many refresh tokens were issued in this family. */
  issued: number
}

/**
 * How much is stored; the oldest is deleted first. `perFamily` and `newest` count tokens of each kind. The `newest`
 * of a family are deleted only with the whole family, so that a busy client does not displace the tokens of another.
 */
export const capacity = {
  codes: 10_000,
  families: 10_000,
  perFamily: 1_000,
  newest: 8,
  tokens: 100_000,
} as const

export interface Grants {
  readonly codes: BoundedMap<Code>
  readonly families: BoundedMap<Family>
  readonly accessTokens: ReadonlyMap<string, AccessToken>
  readonly refreshTokens: ReadonlyMap<string, RefreshToken>
  addCode(facts: Omit<Code, "code" | "usedAt" | "usedBy" | "family">): Code
  addFamily(facts: Pick<Family, "clientId" | "user" | "scope" | "issuedAt">): Family
  addAccessToken(
    from: RefreshToken,
    facts: Pick<AccessToken, "scope" | "issuedAt" | "expiresAt">,
  ): AccessToken
  addRefreshToken(family: Family, parent: RefreshToken | undefined, issuedAt: number): RefreshToken
  revokeFamily(family: Family, now: number, because: string): void
  /** Deletes everything; a seed starts again. */
  clear(): void
}

export const createGrants = (random: RandomSource): Grants => {
  const codes = createBoundedMap<Code>(capacity.codes)
  const families = createBoundedMap<Family>(capacity.families)
  const accessTokens = new Map<string, AccessToken>()
  const refreshTokens = new Map<string, RefreshToken>()

  const forget = (family: Family) => {
    families.delete(family.id)
    for (const { token } of family.accessTokens) accessTokens.delete(token)
    for (const { token } of family.refreshTokens) refreshTokens.delete(token)
  }

  // A quarter at a time: removing single items from the front of an array moves all the others.
  const trim = (tokens: Map<string, unknown>, siblings: Array<{ readonly token: string }>) => {
    const excess = Math.min(Math.ceil(siblings.length / 4), siblings.length - capacity.newest)
    for (const { token } of siblings.splice(0, Math.max(0, excess))) tokens.delete(token)
  }

  const isCrowded = (family: Family) =>
    Math.max(family.accessTokens.length, family.refreshTokens.length) > capacity.newest

  const makeRoom = (growing: Family) => {
    const crowded = isCrowded(growing) ? growing : families.oldest(isCrowded)
    if (crowded !== undefined) {
      trim(accessTokens, crowded.accessTokens)
      trim(refreshTokens, crowded.refreshTokens)
      return
    }
    const oldest = families.oldest((family) => family !== growing)
    if (oldest !== undefined) forget(oldest)
  }

  const keep = <T extends AccessToken | RefreshToken>(tokens: Map<string, T>, siblings: T[], token: T): T => {
    tokens.set(token.token, token)
    siblings.push(token)
    if (siblings.length > capacity.perFamily) trim(tokens, siblings)
    if (accessTokens.size + refreshTokens.size > capacity.tokens) makeRoom(token.family)
    return token
  }

  return {
    codes,
    families,
    accessTokens,
    refreshTokens,
    addCode: (facts) => {
      const code: Code = {
        code: random.uuid(),
        ...facts,
        usedAt: undefined,
        usedBy: undefined,
        family: undefined,
      }
      codes.add(code.code, code)
      return code
    },
    addFamily: (facts) => {
      const family: Family = {
        id: random.uuid(),
        clientId: facts.clientId,
        user: facts.user,
        scope: facts.scope,
        issuedAt: facts.issuedAt,
        revokedAt: undefined,
        revokedBecause: undefined,
        refreshTokens: [],
        accessTokens: [],
        issued: 0,
      }
      const deleted = families.add(family.id, family)
      if (deleted !== undefined) forget(deleted)
      return family
    },
    addAccessToken: ({ family, number }, facts) =>
      keep(accessTokens, family.accessTokens, {
        token: random.token(),
        family,
        parent: number,
        scope: facts.scope,
        issuedAt: facts.issuedAt,
        expiresAt: facts.expiresAt,
        revokedAt: undefined,
      }),
    addRefreshToken: (family, parent, issuedAt) => {
      family.issued += 1
      return keep(refreshTokens, family.refreshTokens, {
        token: random.token(),
        number: family.issued,
        parent: parent?.number ?? 0,
        family,
        issuedAt,
        uses: 0,
        lastUsedAt: undefined,
        rotatedAt: undefined,
        rotatedBy: undefined,
        revokedAt: undefined,
      })
    },
    revokeFamily: (family, now, because) => {
      family.revokedAt ??= now
      family.revokedBecause ??= because
    },
    clear: () => {
      codes.clear()
      families.clear()
      accessTokens.clear()
      refreshTokens.clear()
      random.restart()
    },
  }
}
