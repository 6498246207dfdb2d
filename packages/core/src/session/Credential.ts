/** A token as it stands in the store, with the version of the write that put it there. */
import * as Result from "effect/Result"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import { parseToken, serializeToken, type Token } from "../protocol/Token.js"
import type { StoredRecord } from "../services/TokenStoreAdapter.js"
import type { HeldToken } from "./SessionState.js"

export interface CredentialFields {
  readonly token: Token
  readonly version: string
  /** Names the login, or the import, that this credential came from. */
  readonly login: string
  /** The time of the login in milliseconds since the epoch, and one more for each refresh since. */
  readonly sequence: number
  /** The hash of the token that was imported, from which this credential came. */
  readonly imported?: string | undefined
}

export class Credential implements CredentialFields, HeldToken {
  readonly token: Token
  readonly version: string
  readonly login: string
  readonly sequence: number
  readonly imported: string | undefined

  constructor({ token, version, login, sequence, imported }: CredentialFields) {
    this.token = token
    this.version = version
    this.login = login
    this.sequence = sequence
    this.imported = imported
  }

  get accessToken(): string {
    return this.token.accessToken
  }

  get expiresAt(): number | undefined {
    return this.token.expiresAt
  }

  get issuedAt(): number {
    return this.token.issuedAt
  }

  get scope(): readonly string[] {
    return this.token.scope
  }

  get isRefreshable(): boolean {
    return this.token.refreshToken !== undefined
  }
}

/** How far two machines' clocks may differ, in milliseconds. */
const clockTolerance = 600_000

/**
 * Whether a credential in memory is newer than the one in the store, so that a failover or a restore has undone a write.
 * Of two logins the one in the store counts, unless it is older than any difference of clocks.
 */
export const isNewer = (inMemory: CredentialFields, stored: CredentialFields): boolean =>
  inMemory.sequence > stored.sequence + (inMemory.login === stored.login ? 0 : clockTolerance)

/** Whose credential a record is: two clients that share a store must not present each other's refresh tokens. */
export interface CredentialOwner {
  readonly clientId: string
  readonly tokenEndpoint: string
}

/** The store's key of a session. Neither part can contain the space between them, so that two never meet. */
export const storeKey = ({ clientId, tokenEndpoint }: CredentialOwner, key: string): string =>
  `ellipsis-oauth ${encodeURIComponent(clientId)} ${tokenEndpoint} ${key}`

const format = 1

export const toRecord = (
  { clientId, tokenEndpoint }: CredentialOwner,
  { token, version, login, sequence, imported }: CredentialFields,
): StoredRecord => ({
  value: JSON.stringify({
    format,
    clientId,
    tokenEndpoint,
    login,
    sequence,
    imported,
    token: serializeToken(token),
  }),
  version,
})

/** Fails with `corrupt` for a damaged record, and `foreign` for one of another client or server. */
export const fromRecord = (
  { clientId, tokenEndpoint }: CredentialOwner,
  key: string,
  record: StoredRecord,
): Result.Result<Credential, TokenStoreError> => {
  const value = parseObject(record.value)
  const failure = (reason: "corrupt" | "foreign") => Result.fail(new TokenStoreError({ reason, key }))
  if (value === undefined || typeof record.version !== "string") return failure("corrupt")
  if (value["clientId"] !== clientId || value["tokenEndpoint"] !== tokenEndpoint) {
    return failure("foreign")
  }
  const token = parseToken(value["token"])
  const { login, sequence, imported } = value
  return token === undefined
    ? failure("corrupt")
    : Result.succeed(
        new Credential({
          token,
          version: record.version,
          login: typeof login === "string" ? login : "",
          sequence: typeof sequence === "number" && Number.isFinite(sequence) ? sequence : 0,
          imported: typeof imported === "string" ? imported : undefined,
        }),
      )
}

const parseObject = (text: unknown): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(String(text))
    return typeof value === "object" && value !== null && "format" in value && value.format === format
      ? { ...value }
      : undefined
  } catch {
    return undefined
  }
}

/** The same record without its refresh token: for a place where only the access token may lie. Nothing of a damaged one. */
export const withoutRefreshToken = ({ value, version }: StoredRecord): StoredRecord => {
  const { token, ...rest } = parseObject(value) ?? {}
  const parsed = parseToken(token)
  if (parsed === undefined) return { value: "", version }
  const { refreshToken: _, ...kept } = JSON.parse(String(token))
  return { value: JSON.stringify({ ...rest, token: JSON.stringify(kept) }), version }
}
