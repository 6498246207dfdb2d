/** The calls of a store as effects, with typed errors. */
import * as Effect from "effect/Effect"
import { callQuietly } from "../common/callQuietly.js"
import { describe } from "../common/options.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
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
  /** Extends a lease that its owner holds. A result that comes too late is released, unless `isHeld` returns true. */
  readonly prolong: (
    key: string,
    owner: string,
    duration: number,
    isHeld: () => boolean,
  ) => Effect.Effect<Lease, TokenStoreError>
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
  // A lease that comes after its caller gave up must be released, or it would block all other callers.
  lease: (key, owner, duration) => callLease(adapter, key, owner, duration, () => false),
  prolong: (key, owner, duration, isHeld) => callLease(adapter, key, owner, duration, isHeld),
  release: (key, owner) => callStore({ key, call: () => adapter.release(key, owner) }),
})

const callLease = (
  adapter: TokenStoreAdapter,
  key: string,
  owner: string,
  duration: number,
  isHeld: () => boolean,
): Effect.Effect<Lease, TokenStoreError> =>
  Effect.flatMap(
    callStore({
      key,
      call: () => adapter.lease(key, owner, duration),
      onLate: (lease) => {
        if (lease?.acquired && !isHeld()) callQuietly(() => adapter.release(key, owner))
      },
    }),
    (lease) => requireLease(key, lease),
  )

/** An app's own store may return anything. */
const requireLease = (key: string, lease: unknown): Effect.Effect<Lease, TokenStoreError> => {
  const { acquired, expiresIn } = (lease ?? {}) as { readonly acquired?: unknown; expiresIn?: unknown }
  if (typeof acquired === "boolean" && (acquired || Number.isFinite(expiresIn))) {
    return Effect.succeed(lease as Lease)
  }
  const detail = `lease() must return { acquired, expiresIn }, got ${describe(lease)}`
  return Effect.fail(new TokenStoreError({ reason: "unusable", key, detail }))
}

const isSecretName = (name: string): boolean => name === "accessToken" || name === "refreshToken"

/** The tokens in a record's JSON, also inside strings that are JSON themselves. */
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
