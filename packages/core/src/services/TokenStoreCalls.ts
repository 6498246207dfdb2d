/** The calls of a store as effects, with typed errors. */
import * as Effect from "effect/Effect"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import { callStore } from "./callStore.js"
import type { Lease, StoredRecord, TokenStoreAdapter } from "./TokenStoreAdapter.js"

/** The calls of {@link TokenStoreAdapter} as effects. */
export interface TokenStoreCalls {
  readonly read: (key: string) => Effect.Effect<StoredRecord | undefined, TokenStoreError>
  readonly write: (
    key: string,
    record: StoredRecord,
    ifVersion?: string | null,
  ) => Effect.Effect<boolean, TokenStoreError>
  readonly remove: (key: string, ifVersion?: string) => Effect.Effect<boolean, TokenStoreError>
  readonly lease: (key: string, owner: string, duration: number) => Effect.Effect<Lease, TokenStoreError>
  readonly release: (key: string, owner: string) => Effect.Effect<void, TokenStoreError>
}

/** The calls of an adapter as effects, with typed errors. */
export const tokenStoreCalls = (adapter: TokenStoreAdapter): TokenStoreCalls => ({
  read: (key) =>
    Effect.map(callStore({ key, call: () => adapter.read(key) }), (record) => record ?? undefined),
  write: (key, record, ifVersion) =>
    callStore({
      key,
      call: () => adapter.write(key, record, ifVersion),
      secrets: secretsIn(record.value),
    }),
  remove: (key, ifVersion) => callStore({ key, call: () => adapter.remove(key, ifVersion) }),
  lease: (key, owner, duration) =>
    callStore({
      key,
      call: () => adapter.lease(key, owner, duration),
      // A lease that nobody waits for any more would keep everybody else out.
      onLate: ({ acquired }) => {
        if (acquired)
          void Promise.resolve()
            .then(() => adapter.release(key, owner))
            .catch(() => {})
      },
    }),
  release: (key, owner) => callStore({ key, call: () => adapter.release(key, owner) }),
})

const isSecretName = (name: string): boolean => name === "accessToken" || name === "refreshToken"

/** The tokens in a record's JSON, at any depth of strings that are JSON themselves. */
const secretsIn = (text: string): readonly string[] => {
  const secrets: string[] = []
  const read = (json: string): void => {
    try {
      JSON.parse(json, (name, value: unknown) => {
        if (typeof value === "string") {
          if (isSecretName(name)) secrets.push(value)
          else if (value.startsWith("{")) read(value)
        }
        return value
      })
    } catch {
      // Not JSON, or encrypted.
    }
  }
  read(text)
  return secrets
}
