/** A token as it stands in the store, with the version of the write that put it there. */
import { TokenStoreError } from "../errors.js"
import { callStore, type StorePlatform } from "../store/callStore.js"
import type { StoredRecord } from "../store/TokenStore.js"
import { restoreToken, serializeToken, type Token } from "../token/Token.js"

export interface Credential {
  readonly token: Token
  readonly version: string
}

/** Whose credential a record is: two clients that share a store must not present each other's refresh tokens. */
export interface CredentialOwner {
  readonly clientId: string
  readonly tokenEndpoint: string
}

const format = 1

export const toRecord = (owner: CredentialOwner, { token, version }: Credential): StoredRecord => ({
  value: JSON.stringify({ format, ...owner, token: serializeToken(token) }),
  version,
})

/** Rejects with TokenStoreError: `corrupt` for a damaged record, `foreign` for one of another client or server. */
export const readCredential = async (
  platform: StorePlatform,
  key: string,
  owner: CredentialOwner,
): Promise<Credential | undefined> => {
  const record = await callStore(platform, key, (store) => store.read(key))
  return record === undefined ? undefined : fromRecord(key, owner, record)
}

const fromRecord = (
  key: string,
  { clientId, tokenEndpoint }: CredentialOwner,
  record: StoredRecord,
): Credential => {
  const value = parseRecord(record.value)
  if (value !== undefined && (value.clientId !== clientId || value.tokenEndpoint !== tokenEndpoint)) {
    throw new TokenStoreError({ reason: "foreign", key })
  }
  try {
    return { token: restoreToken(value?.token ?? ""), version: record.version }
  } catch {
    throw new TokenStoreError({ reason: "corrupt", key })
  }
}

const parseRecord = (text: string): (CredentialOwner & { readonly token: string }) | undefined => {
  try {
    const value = JSON.parse(text)
    return value?.format === format ? value : undefined
  } catch {
    return undefined
  }
}

/** The same record without its refresh token: for a place where only the access token may lie. */
export const withoutRefreshToken = ({ value, version }: StoredRecord): StoredRecord => {
  const { token, ...rest } = JSON.parse(value)
  const { refreshToken: _, ...kept } = JSON.parse(token)
  return { value: JSON.stringify({ ...rest, token: JSON.stringify(kept) }), version }
}

/** The secrets of a token, to be taken out of whatever a store's driver says about its write. */
export const secretsOfToken = (token: Token): readonly string[] =>
  token.refreshToken === undefined ? [token.accessToken] : [token.accessToken, token.refreshToken]
