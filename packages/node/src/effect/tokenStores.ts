/** Each store as a layer. The layer makes it, and closes it when its scope ends. A bad option is a typed failure. */
import { type ConfigurationError, TokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/core"
import type * as Layer from "effect/Layer"
import type { EncryptionKey } from "../stores/EncryptionKey.js"
import { type EncryptedTokenStoreOptions, encryptedTokenStore } from "../stores/encryptedTokenStore.js"
import { type PostgresTokenStoreOptions, postgresTokenStore } from "../stores/postgresTokenStore.js"
import { type RedisTokenStoreOptions, redisTokenStore } from "../stores/redisTokenStore.js"
import { type SqliteTokenStoreOptions, sqliteTokenStore } from "../stores/sqliteTokenStore.js"

type TokenStoreLayer = Layer.Layer<TokenStore, ConfigurationError>

/** A SQLite file, for the processes of one machine. */
export const sqliteTokenStoreLayer = (options: SqliteTokenStoreOptions): TokenStoreLayer =>
  TokenStore.fromAdapter(() => sqliteTokenStore(options))

/** A Postgres database, for many machines. The layer does not close your client. */
export const postgresTokenStoreLayer = (options: PostgresTokenStoreOptions): TokenStoreLayer =>
  TokenStore.fromAdapter(() => postgresTokenStore(options))

/** A Redis server, for many machines. The layer does not close your client. */
export const redisTokenStoreLayer = (options: RedisTokenStoreOptions): TokenStoreLayer =>
  TokenStore.fromAdapter(() => redisTokenStore(options))

/** Another store with its values encrypted. */
export const encryptedTokenStoreLayer = (
  store: () => TokenStoreAdapter,
  keys: readonly EncryptionKey[],
  options?: EncryptedTokenStoreOptions,
): TokenStoreLayer => TokenStore.fromAdapter(() => encryptedTokenStore(store(), keys, options))
