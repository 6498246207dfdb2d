/** Where sessions keep their tokens, as a service. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { checked } from "../common/checked.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import { callStore } from "./callStore.js"
import { memoryTokenStore } from "./memoryTokenStore.js"
import { requireTokenStore } from "./requireTokenStore.js"
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

export class TokenStore extends Context.Service<TokenStore, TokenStoreCalls>()(
  "@ellipsis-oauth/core/TokenStore",
) {
  /**
   * A store of your own, or one of the adapters', as a layer. The layer makes it, checks it, and closes it when its
   * scope ends.
   */
  static readonly fromAdapter = (
    adapter: TokenStoreAdapter | (() => TokenStoreAdapter),
  ): Layer.Layer<TokenStore, ConfigurationError> =>
    Layer.effect(
      TokenStore,
      Effect.acquireRelease(
        Effect.suspend(() =>
          Effect.fromResult(
            checked(() => requireTokenStore(typeof adapter === "function" ? adapter() : adapter)),
          ),
        ),
        (store) => Effect.promise(async () => store.close?.()),
      ).pipe(Effect.map(tokenStoreCalls)),
    )

  /** In memory: for one process, and gone with it. Leases run by Effect's clock. */
  static readonly memory: Layer.Layer<TokenStore> = Layer.effect(
    TokenStore,
    Effect.map(Clock.Clock, (clock) =>
      tokenStoreCalls(memoryTokenStore({ now: () => clock.currentTimeMillisUnsafe() })),
    ),
  )
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
