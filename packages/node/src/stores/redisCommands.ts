/** The commands of a Redis store for both client libraries, and the meaning of their errors. */
import { badOption, TokenStoreError } from "@ellipsis-oauth/core/promise"

/** A client or cluster of node-redis (`redis` on npm): the members that are used. */
export interface NodeRedisClient {
  hmGet(key: string, fields: string[]): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  /** Of a cluster. */
  readonly masters?: readonly unknown[]
  nodeClient?(master: unknown): unknown
}

/** A `Redis` or `Cluster` of ioredis: the members that are used. */
export interface IORedisClient {
  hmget(key: string, ...fields: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  /** Of a cluster. */
  nodes?(role: "master"): unknown[]
  readonly options?: { readonly keyPrefix?: string | undefined }
}

type EvaluateOn = (script: string, args: string[]) => Promise<unknown>

/** The commands. `key` is the key of the store, for errors. */
export interface RedisCommands {
  readonly hmget: (key: string, at: string, fields: string[]) => Promise<unknown>
  readonly evaluate: (key: string, script: string, at: string, args: string[]) => Promise<unknown>
  /** The prefix that the client itself adds to every key. */
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

/** The errors of Redis by their text, because scripts wrap them in other errors. */
const cures: ReadonlyArray<readonly [pattern: RegExp, detail: string]> = [
  [
    /\bWRONGTYPE\b/,
    "WRONGTYPE: another program has written a key with this prefix; give the store another prefix",
  ],
  [/\b(?:NOAUTH|WRONGPASS)\b/, "NOAUTH: the server refused the client's user or password; check both"],
  [
    /\bNOPERM\b|can't run this command|ACL failure/,
    "NOPERM: the client's user must be allowed EVAL, TIME, HMGET, HGET, HSET, GET, SET, PTTL, DEL, SCAN and TYPE with this prefix",
  ],
  [/unknown (?:redis )?command/i, "the server must have the commands EVAL and TIME: Redis 5 or later"],
]

/** `undefined` for a temporary error. The driver's message is not used, because it may quote its arguments. */
const toUnusable = (key: string, client: unknown, error: unknown): TokenStoreError | undefined => {
  const message = error instanceof Error ? error.message : ""
  const detail = isClosed(client)
    ? "the Redis client is closed; connect it, and close it after the store"
    : cures.find(([pattern]) => pattern.test(message))?.[1]
  return detail === undefined ? undefined : new TokenStoreError({ reason: "unusable", key, detail })
}

/** Whether the client is closed, so that it will not connect again. */
const isClosed = (client: unknown): boolean => {
  const { isOpen, status } = client as { readonly isOpen?: unknown; readonly status?: unknown }
  return isOpen === false || status === "end"
}
