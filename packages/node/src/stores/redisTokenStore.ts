/**
 * The token store in Redis, for many machines. You pass a client; the store imports no driver.
 *
 * @module
 */
import { badOption, requireOptions, TokenStoreError } from "@ellipsis-oauth/core/promise"
import { makeWithDeadline } from "./databaseDeadline.js"
import { type IORedisClient, makeRedisCommands, type NodeRedisClient } from "./redisCommands.js"
import {
  leaseScript,
  releaseScript,
  removeScript,
  staleScript,
  timeScript,
  writeScript,
} from "./redisScripts.js"
import { type CleanableTokenStore, requireStaleAge } from "./removeStale.js"

export type { IORedisClient, NodeRedisClient } from "./redisCommands.js"

/** The options of `redisTokenStore`. */
export interface RedisTokenStoreOptions {
  /** You connect it and close it: the store never does. */
  readonly client: NodeRedisClient | IORedisClient
  /** The start of the keys in Redis; `ellipsis-oauth:` if left out. */
  readonly prefix?: string
}

/**
 * Makes a token store in Redis 5 or later. Leases use the server's clock. Configure the server to persist
 * (`appendonly yes`) and not to evict (`maxmemory-policy noeviction`), or it loses refresh tokens.
 *
 * @throws ConfigurationError for a bad option
 */
export const redisTokenStore = (options: RedisTokenStoreOptions): CleanableTokenStore => {
  const given = requireOptions(options ?? {}, ["client", "prefix"], "an object with a client")
  const { hmget, evaluate, evaluateOnEach, clientPrefix } = makeRedisCommands(given.client)
  const prefix = escapePrefix(requirePrefix(given.prefix ?? "ellipsis-oauth:"))
  const withDeadline = makeWithDeadline()
  // Each command and script uses only one key, so a cluster needs no hash tags.
  const recordAt = (key: string) => `${prefix}record:${key}`
  const leaseAt = (key: string) => `${prefix}lease:${key}`

  return {
    read: async (key) => {
      const [value, version] = asArray(key, await hmget(key, recordAt(key), ["value", "version"]))
      if (value == null && version == null) return undefined
      if (value == null || version == null) {
        throw new TokenStoreError({ reason: "corrupt", key, detail: "its value or version is missing" })
      }
      return { value: String(value), version: String(version) }
    },

    write: async (key, { value, version }, ifVersion) => {
      const condition =
        ifVersion === undefined ? ["any"] : ifVersion === null ? ["none"] : ["version", ifVersion]
      return Number(await evaluate(key, writeScript, recordAt(key), [value, version, ...condition])) === 1
    },

    remove: async (key, ifVersion) => {
      const condition = ifVersion === undefined ? [] : [ifVersion]
      return Number(await evaluate(key, removeScript, recordAt(key), condition)) === 1
    },

    lease: (key, owner, duration) =>
      withDeadline(
        async () => Number(await evaluate(key, timeScript, leaseAt(key), [])),
        async (deadline) => {
          const args = [owner, String(Math.ceil(duration)), String(deadline)]
          const result = await evaluate(key, leaseScript, leaseAt(key), args)
          const [acquired, expiresIn, serverTime] = asArray(key, result).map(Number)
          const lease = { acquired: acquired === 1, expiresIn: expiresIn ?? 0 }
          return { result: acquired === -1 ? undefined : lease, serverTime: serverTime ?? 0 }
        },
      ),

    release: async (key, owner) => {
      await evaluate(key, releaseScript, leaseAt(key), [owner])
    },

    removeStale: async (options) => {
      const age = String(requireStaleAge(options))
      const pattern = `${escapePattern(clientPrefix + recordAt(""))}*`
      let removed = 0
      for (const evaluateOn of await evaluateOnEach()) {
        let cursor = "0"
        do {
          const [next, count] = asArray("*", await evaluateOn(staleScript, [cursor, pattern, age]))
          removed += Number(count)
          cursor = String(next)
        } while (cursor !== "0")
      }
      return removed
    },
  }
}

const requirePrefix = (prefix: unknown): string => {
  if (typeof prefix !== "string") throw badOption("prefix", prefix, "a string")
  return prefix
}

/**
 * Escapes the prefix, so that two stores with different prefixes never use the same key. Without this, a prefix that
 * contains `record:` or `lease:` could be the same as another prefix with the start of a key.
 */
const escapePrefix = (prefix: string): string =>
  prefix.replace(/%|(?<=record|lease):/g, (character) => (character === "%" ? "%25" : "%3A"))

/** Escapes the wildcards of MATCH. */
const escapePattern = (text: string): string => text.replace(/[*?[\]\\^-]/g, "\\$&")

const asArray = (key: string, result: unknown): readonly unknown[] => {
  if (Array.isArray(result)) return result
  throw new TokenStoreError({
    reason: "unusable",
    key,
    detail:
      "the Redis client returned an unexpected result; give the store a client that is not in a transaction",
  })
}
