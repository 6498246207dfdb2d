/** A stored token, with the version of the write that stored it. */
import * as Result from "effect/Result"
import { Concealed } from "../common/Concealed.js"
import { parseObject } from "../common/parseObject.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import { parseToken, serializeToken, type Token } from "../protocol/Token.js"
import type { StoredRecord } from "../services/TokenStoreAdapter.js"
import type { HeldToken } from "./SessionState.js"

export interface CredentialFields {
  readonly token: Token
  readonly version: string
  /** The id of the login, or of the import, that this credential comes from. */
  readonly login: string
  /** The time of the login in milliseconds since the epoch, and one more for each refresh since. */
  readonly sequence: number
  /** The hash of the imported token that this credential comes from. */
  readonly imported?: string | undefined
}

/** The spans of a refresh hold it, so it prints without its token. */
export class Credential extends Concealed implements CredentialFields, HeldToken {
  readonly token: Token
  readonly version: string
  readonly login: string
  readonly sequence: number
  readonly imported: string | undefined

  constructor({ token, version, login, sequence, imported }: CredentialFields) {
    super()
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

  toJSON() {
    return this.shown()
  }
}

/** How far two machines' clocks may differ, in milliseconds. */
const clockTolerance = 600_000

/**
 * Whether a credential in memory is newer than the one in the store. Then a failover or a restore of the store has undone
 * a write. If they come from two logins, the stored one counts, unless it is older by more than clocks may differ.
 */
export const isNewer = (inMemory: CredentialFields, stored: CredentialFields): boolean =>
  inMemory.sequence > stored.sequence + (inMemory.login === stored.login ? 0 : clockTolerance)

/** The client and server of a record: a client must not send the refresh tokens of another one with the same store. */
export interface CredentialOwner {
  readonly clientId: string
  readonly tokenEndpoint: string
}

/** The store's key of a session. Client id and URL contain no space, so two sessions never have the same key. */
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

/** Fails with `corrupt` for a damaged record, and with `foreign` for a record of another client or server. */
export const fromRecord = (
  { clientId, tokenEndpoint }: CredentialOwner,
  key: string,
  record: StoredRecord,
): Result.Result<Credential, TokenStoreError> => {
  const value = parseRecord(record.value)
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

const parseRecord = (text: unknown): Readonly<Record<string, unknown>> | undefined => {
  const value = parseObject(text)
  return value?.["format"] === format ? value : undefined
}

/** The record without its refresh token, for storage that may hold only access tokens. Empty for a damaged record. */
export const withoutRefreshToken = ({ value, version }: StoredRecord): StoredRecord => {
  const { token, ...rest } = parseRecord(value) ?? {}
  const parsed = parseToken(token)
  if (parsed === undefined) return { value: "", version }
  const { refreshToken: _, ...kept } = JSON.parse(String(token))
  return { value: JSON.stringify({ ...rest, token: JSON.stringify(kept) }), version }
}
