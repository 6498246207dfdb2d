/** The commands of a Redis store over either library, and what their errors mean. */
import { badOption, TokenStoreError } from "@ellipsis-oauth/core/promise"

/** A client or cluster of node-redis, `redis` on npm: the part that is called. */
export interface NodeRedisClient {
  hmGet(key: string, fields: string[]): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  /** Of a cluster. */
  readonly masters?: readonly unknown[]
  nodeClient?(master: unknown): unknown
}

/** A `Redis` or `Cluster` of ioredis: the part that is called. */
export interface IORedisClient {
  hmget(key: string, ...fields: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  /** Of a cluster. */
  nodes?(role: "master"): unknown[]
  readonly options?: { readonly keyPrefix?: string | undefined }
}

type EvaluateOn = (script: string, args: string[]) => Promise<unknown>

/** `key` is that of the store, for errors. */
export interface RedisCommands {
  readonly hmget: (key: string, at: string, fields: string[]) => Promise<unknown>
  readonly evaluate: (key: string, script: string, at: string, args: string[]) => Promise<unknown>
  /** What the client itself puts before every key of a command. */
  readonly clientPrefix: string
  /** For each server that holds keys of its own. */
  readonly evaluateOnEach: () => Promise<readonly EvaluateOn[]>
}

/** @throws ConfigurationError */
export const makeRedisCommands = (client: NodeRedisClient | IORedisClient): RedisCommands => {
  const { hmget, evaluate, nodes, clientPrefix } = libraryOf(client)
  const call = async <A>(key: string, run: () => Promise<A>): Promise<A> => {
    try {
      return await run()
    } catch (error) {
      throw toUnusable(key, client, error) ?? error
    }
  }
  return {
    clientPrefix,
    hmget: (key, at, fields) => call(key, () => hmget(at, fields)),
    evaluate: (key, script, at, args) => call(key, () => evaluate(script, [at], args)),
    evaluateOnEach: async () =>
      (await call("*", nodes)).map((node) => {
        const { evaluate } = libraryOf(node)
        return (script, args) => call("*", () => evaluate(script, [], args))
      }),
  }
}

interface Library {
  readonly clientPrefix: string
  readonly hmget: (at: string, fields: string[]) => Promise<unknown>
  readonly evaluate: (script: string, keys: string[], args: string[]) => Promise<unknown>
  readonly nodes: () => Promise<readonly unknown[]>
}

/** The two libraries differ in how they write HMGET, how EVAL takes its keys, and how a cluster tells its servers. */
const libraryOf = (client: unknown): Library => {
  if (isNodeRedis(client)) {
    return {
      clientPrefix: "",
      hmget: (at, fields) => client.hmGet(at, fields),
      evaluate: (script, keys, args) => client.eval(script, { keys, arguments: args }),
      nodes: async () =>
        client.masters === undefined
          ? [client]
          : Promise.all(client.masters.map(async (master) => client.nodeClient?.(master))),
    }
  }
  if (isIORedis(client)) {
    return {
      clientPrefix: client.options?.keyPrefix ?? "",
      hmget: (at, fields) => client.hmget(at, ...fields),
      evaluate: (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
      nodes: async () => client.nodes?.("master") ?? [client],
    }
  }
  throw badOption("client", client, "a client of node-redis or ioredis")
}

const isNodeRedis = (client: unknown): client is NodeRedisClient =>
  has(client, "eval") && has(client, "hmGet")

const isIORedis = (client: unknown): client is IORedisClient => has(client, "eval") && has(client, "hmget")

const has = (client: unknown, method: string): boolean =>
  typeof client === "object" &&
  client !== null &&
  typeof (client as Record<string, unknown>)[method] === "function"

/** By what Redis's errors say; scripts wrap them in words of their own. */
const cures: ReadonlyArray<readonly [pattern: RegExp, detail: string]> = [
  [
    /\bWRONGTYPE\b/,
    "WRONGTYPE: something else has written a key with this prefix; give the store another prefix",
  ],
  [
    /\b(?:NOAUTH|WRONGPASS)\b/,
    "NOAUTH: the server refused the client's user or password; give it the right ones",
  ],
  [
    /\bNOPERM\b|can't run this command|ACL failure/,
    "NOPERM: the client's user must be allowed EVAL, TIME, HMGET, HGET, HSET, GET, SET, PTTL, DEL, SCAN and TYPE with this prefix",
  ],
  [/unknown (?:redis )?command/i, "the server must have the commands EVAL and TIME: Redis 5 or later"],
]

/** `undefined` for what may pass by itself. Of the driver's message nothing is kept: it may quote its arguments. */
const toUnusable = (key: string, client: unknown, error: unknown): TokenStoreError | undefined => {
  const message = error instanceof Error ? error.message : ""
  const detail = isClosed(client)
    ? "the Redis client is closed; connect it, and close it after the store"
    : cures.find(([pattern]) => pattern.test(message))?.[1]
  return detail === undefined ? undefined : new TokenStoreError({ reason: "unusable", key, detail })
}

/** Whether the client has no connection and will not make one. */
const isClosed = (client: unknown): boolean => {
  const { isOpen, status } = client as { readonly isOpen?: unknown; readonly status?: unknown }
  return isOpen === false || status === "end"
}
