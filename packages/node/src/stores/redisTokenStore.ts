/** The store in Redis: for many machines. It is given a client, and imports no driver. */
import { type TokenStoreAdapter, TokenStoreError } from "@ellipsis-oauth/core/promise"
import { badOption } from "../badOption.js"

/** A client or cluster of node-redis, `redis` on npm: the part that is called. */
export interface NodeRedisClient {
  hmGet(key: string, fields: string[]): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** A `Redis` or `Cluster` of ioredis: the part that is called. */
export interface IORedisClient {
  hmget(key: string, ...fields: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

export interface RedisTokenStoreOptions {
  /** Stays yours, connected by you: the store never ends it. */
  readonly client: NodeRedisClient | IORedisClient
  /** What the names of the keys in Redis begin with; `ellipsis-oauth:` if left out. */
  readonly prefix?: string
}

/**
 * Leases run by the server's clock. The server
 * has to persist (`appendonly yes`) and must not evict (`maxmemory-policy noeviction`), or it loses refresh tokens.
 *
 * @throws ConfigurationError for a bad option
 */
export const redisTokenStore = (options: RedisTokenStoreOptions): TokenStoreAdapter => {
  const { hmget, evaluate } = commands(options?.client)
  const prefix = requirePrefix(options.prefix ?? "ellipsis-oauth:")
  // Each command and script is about one of them, so that a cluster's slots need no hash tag.
  const recordAt = (key: string) => `${prefix}record:${key}`
  const leaseAt = (key: string) => `${prefix}lease:${key}`

  return {
    read: async (key) => {
      const [value, version] = asArray(key, await hmget(recordAt(key), ["value", "version"]))
      if (value == null && version == null) return undefined
      if (value == null || version == null) {
        throw new TokenStoreError({ reason: "corrupt", key, detail: "its value or version is missing" })
      }
      return { value: String(value), version: String(version) }
    },

    write: async (key, { value, version }, ifVersion) => {
      const condition =
        ifVersion === undefined ? ["any"] : ifVersion === null ? ["none"] : ["version", ifVersion]
      return Number(await evaluate(writeScript, recordAt(key), [value, version, ...condition])) === 1
    },

    remove: async (key, ifVersion) => {
      const condition = ifVersion === undefined ? [] : [ifVersion]
      return Number(await evaluate(removeScript, recordAt(key), condition)) === 1
    },

    lease: async (key, owner, duration) => {
      const reply = await evaluate(leaseScript, leaseAt(key), [owner, String(Math.ceil(duration))])
      const [acquired, expiresIn] = asArray(key, reply)
      return { acquired: Number(acquired) === 1, expiresIn: Number(expiresIn) }
    },

    release: async (key, owner) => {
      await evaluate(releaseScript, leaseAt(key), [owner])
    },
  }
}

// Sent whole each time (EVAL): the server keeps them compiled by their hash, and EVALSHA would save 200 bytes of a
// refresh for a second way to fail.

const writeScript = `
local version = redis.call('HGET', KEYS[1], 'version')
if ARGV[3] == 'none' and version then return 0 end
if ARGV[3] == 'version' and version ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', ARGV[2])
return 1`

const removeScript = `
if ARGV[1] and redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

const leaseScript = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then
  local rest = redis.call('PTTL', KEYS[1])
  if rest > 0 then return {0, rest} end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, tonumber(ARGV[2])}`

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`

interface Commands {
  readonly hmget: (key: string, fields: string[]) => Promise<unknown>
  readonly evaluate: (script: string, key: string, args: string[]) => Promise<unknown>
}

/** The two libraries differ in how they write HMGET, and in how EVAL takes its keys. */
const commands = (client: NodeRedisClient | IORedisClient): Commands => {
  if (typeof client === "object" && client !== null && typeof client.eval === "function") {
    if ("hmGet" in client && typeof client.hmGet === "function") {
      return {
        hmget: (key, fields) => client.hmGet(key, fields),
        evaluate: (script, key, args) => client.eval(script, { keys: [key], arguments: args }),
      }
    }
    if ("hmget" in client && typeof client.hmget === "function") {
      return {
        hmget: (key, fields) => client.hmget(key, ...fields),
        evaluate: (script, key, args) => client.eval(script, 1, key, ...args),
      }
    }
  }
  throw badOption("client", client, "a client of node-redis or ioredis")
}

const requirePrefix = (prefix: unknown): string => {
  if (typeof prefix !== "string") throw badOption("prefix", prefix, "a string")
  return prefix
}

const asArray = (key: string, reply: unknown): readonly unknown[] => {
  if (Array.isArray(reply)) return reply
  throw new TokenStoreError({ reason: "unavailable", key, detail: "Redis gave a reply of another shape" })
}
