// cspell:ignore prefx
import { TokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/core"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { Cluster, Redis } from "ioredis"
import { createClient, createCluster } from "redis"
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest"
import { redisTokenStoreLayer } from "../../src/effect/index.js"
import { ConfigurationError } from "../../src/index.js"
import { type NodeRedisClient, redisTokenStore } from "../../src/stores/redisTokenStore.js"
import { rejection } from "../fixtures.js"
import { hasRedis, openRedis, type RedisServer, startRedis } from "./servers.js"

const record = (version: string) => ({ value: `k4n4ry-value-${version}`, version })

/** No two runs meet in a Redis that is shared. */
const prefix = `test:${process.pid}:${Math.random().toString(36).slice(2)}:`

/** The drivers emit what breaks a connection; without a listener that is thrown or printed. */
const ignore = () => {}

const nodeRedis = async (url: string) => {
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 20 } })
  client.on("error", ignore)
  await client.connect()
  return { client, close: () => client.destroy() }
}

const ioredis = async (url: string) => {
  const client = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => 20 })
  client.on("error", ignore)
  await client.connect()
  return { client, close: () => client.disconnect() }
}

const hasOwn = hasRedis("own")
const libraries = { "node-redis": nodeRedis, ioredis }

describe.skipIf(!hasRedis()).each(Object.entries(libraries))("Redis through %s", (_, connect) => {
  let server: Pick<RedisServer, "url" | "stop">
  const connections: Awaited<ReturnType<typeof nodeRedis | typeof ioredis>>[] = []

  beforeAll(async () => {
    server = await openRedis()
    connections.push(await connect(server.url), await connect(server.url))
  })

  afterAll(async () => {
    for (const { close } of connections) close()
    await server?.stop()
  })

  const open = (index: number): TokenStoreAdapter => {
    const connection = connections[index]
    if (connection === undefined) throw new Error("Redis was not opened")
    return redisTokenStore({ client: connection.client, prefix })
  }

  testTokenStore({ test, open: () => open(0), openSecond: () => open(1) })

  test("keys begin with the prefix, and leases run out on the server", async () => {
    const { client, close } = await nodeRedis(server.url)
    onTestFinished(close)
    await open(0).write("named", record("1"))
    await open(0).lease("named", "a", 60_000)
    expect(await client.hGetAll(`${prefix}record:named`)).toEqual({
      ...record("1"),
      writtenAt: expect.stringMatching(/^\d{13}$/),
    })
    expect(await client.get(`${prefix}lease:named`)).toBe("a")
    expect(await client.pTTL(`${prefix}lease:named`)).toBeGreaterThan(50_000)
    expect(await client.pTTL(`${prefix}record:named`)).toBe(-1)
  })

  test("a key of another type, or a record with a part missing, is an error", async () => {
    const { client, close } = await nodeRedis(server.url)
    onTestFinished(close)
    await client.set(`${prefix}record:text`, "k4n4ry")
    for (const call of [
      async () => open(0).read("text"),
      async () => open(0).write("text", record("1")),
      async () => open(0).remove("text", "1"),
    ]) {
      const error = await rejection(call())
      expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "unusable", action: "fix", key: "text" })
      expect(String(error)).toContain("give the store another prefix")
    }
    await client.hSet(`${prefix}record:half`, "value", "k4n4ry")
    const half = await rejection(Promise.resolve(open(0).read("half")))
    expect(half).toMatchObject({ _tag: "TokenStoreError", reason: "corrupt", key: "half" })
    expect(String(half)).not.toContain("k4n4ry")
  })
})

describe.skipIf(!hasRedis()).each(Object.entries(libraries))("Redis through %s", (_, connect) => {
  const openClient = async () => {
    const server = await openRedis()
    onTestFinished(() => server.stop())
    const { client, close } = await connect(server.url)
    onTestFinished(close)
    const { client: other, close: closeOther } = await nodeRedis(server.url)
    onTestFinished(closeOther)
    return { client, close, other }
  }

  test("stores with overlapping prefixes do not share keys", async () => {
    const { client } = await openClient()
    const prefixes = ["a:", "a:lease:", "a:record:", "a:lease%3A"].map((name) => prefix + name)
    const stores = prefixes.map((name) => redisTokenStore({ client, prefix: name }))
    const keys = ["x", "record:x", "lease:x", "lease:record:x"]
    for (const store of stores) {
      for (const key of keys) {
        expect(await store.write(key, record(key), null)).toBe(true)
        expect((await store.lease(key, "a", 60_000)).acquired).toBe(true)
      }
    }
  })

  test("removeStale does not touch other stores, and counts the age of earlier versions' records from now on", async () => {
    const { client, other } = await openClient()
    const store = redisTokenStore({ client, prefix: `${prefix}*[a-z]:` })
    const similar = redisTokenStore({ client, prefix: `${prefix}bcd:` })
    await similar.write("key", record("1"))
    await other.hSet(`${prefix}bcd:record:key`, "writtenAt", "1")
    await store.write("old", record("1"))
    await other.hSet(`${prefix}*[a-z]:record:old`, "writtenAt", "1")
    await other.hSet(`${prefix}*[a-z]:record:earlier`, record("1"))
    await other.set(`${prefix}*[a-z]:record:text`, "text")
    expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(1)
    expect(await store.read("old")).toBeUndefined()
    expect(await store.read("earlier")).toEqual(record("1"))
    expect(await similar.read("key")).toEqual(record("1"))
    expect(await other.hGet(`${prefix}*[a-z]:record:earlier`, "writtenAt")).toMatch(/^\d{13}$/)
  })

  test("a client that was closed cannot be used", async () => {
    const { client, close } = await openClient()
    close()
    await vi.waitFor(async () =>
      expect(await rejection(Promise.resolve(redisTokenStore({ client, prefix }).read("key")))).toMatchObject(
        {
          reason: "unusable",
          detail: "the Redis client is closed; connect it, and close it after the store",
        },
      ),
    )
  })

  describe("a lease that Redis takes when its caller has given up", () => {
    const openLate = async () => {
      const { client } = await openClient()
      let own = 0
      let late = 0
      const delayed = new Proxy(client as NodeRedisClient & typeof client, {
        get: (target, name) => {
          const found: unknown = Reflect.get(target, name)
          if (typeof found !== "function") return found
          return async (...args: unknown[]) => {
            const result: unknown = await found.apply(target, args)
            if (name === "eval") own += late
            return result
          }
        },
      })
      const store = redisTokenStore({ client: delayed, prefix })
      const clock = vi.spyOn(performance, "now").mockImplementation(() => own)
      onTestFinished(() => clock.mockRestore())
      await store.lease("learns the server's time", "a", 1000)
      return {
        store,
        other: redisTokenStore({ client, prefix }),
        setBack: (milliseconds: number, { catchesUp }: { readonly catchesUp: boolean }) => {
          own -= milliseconds
          late = catchesUp ? milliseconds : 0
        },
      }
    }

    test("is not taken", async () => {
      const { store, other, setBack } = await openLate()
      setBack(20_000, { catchesUp: true })
      expect(String(await rejection(Promise.resolve(store.lease("late", "a", 60_000))))).toContain(
        "received the call too late, and did nothing",
      )
      expect((await other.lease("late", "b", 60_000)).acquired).toBe(true)
      await other.release("late", "b")
    })

    test("is retried after the database's clock was set", async () => {
      const { store, other, setBack } = await openLate()
      setBack(20_000, { catchesUp: false })
      expect((await store.lease("set", "a", 60_000)).acquired).toBe(true)
      await other.release("set", "a")
    })
  })
})

test.skipIf(!hasRedis())("removeStale finds the records of an ioredis client with a keyPrefix", async () => {
  const server = await openRedis()
  onTestFinished(() => server.stop())
  const client = new Redis(server.url, { keyPrefix: `${prefix}[app]:` })
  client.on("error", ignore)
  onTestFinished(() => client.disconnect())
  const store = redisTokenStore({ client })
  await store.write("old", record("1"))
  await store.write("new", record("1"))
  await client.hset("ellipsis-oauth:record:old", "writtenAt", "1")
  expect(await store.removeStale({ notWrittenFor: "1 hour" })).toBe(1)
  expect(await store.read("old")).toBeUndefined()
  expect(await store.read("new")).toEqual(record("1"))
})

describe.skipIf(!hasOwn).each(Object.entries(libraries))("a Redis that refuses, through %s", (_, connect) => {
  test("a client without its password, or without the rights", async () => {
    const server = await startRedis(["--requirepass", "k4n4ry"])
    onTestFinished(() => server.stop())
    const { hostname, port } = new URL(server.url)
    const admin = await nodeRedis(`redis://:k4n4ry@${hostname}:${port}`)
    onTestFinished(admin.close)
    await admin.client.sendCommand(["ACL", "SETUSER", "guest", "on", "nopass", "+ping", "+info", "+client"])
    await admin.client.sendCommand([
      "ACL",
      "SETUSER",
      "reader",
      "on",
      "nopass",
      "~*",
      "+@all",
      "-set",
      "-time",
    ])
    const openAs = async (user: string) => {
      const { client, close } = await connect(`redis://${user}${hostname}:${port}`)
      onTestFinished(close)
      return redisTokenStore({ client })
    }
    const guest = await openAs("guest:x@")
    expect(await rejection(Promise.resolve(guest.read("key")))).toMatchObject({
      reason: "unusable",
      detail: expect.stringMatching(/^NOPERM: the client's user must be allowed/),
    })
    const reader = await openAs("reader:x@")
    expect(await reader.read("key")).toBeUndefined()
    expect(await rejection(Promise.resolve(reader.lease("key", "a", 1000)))).toMatchObject({
      reason: "unusable",
      detail: expect.stringMatching(/^NOPERM/),
    })
  })
})

describe.skipIf(!hasOwn).each(Object.entries(libraries))("a Redis that dies, through %s", (_, connect) => {
  test("calls fail meanwhile, nothing is lost, and they work again", async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const { client, close } = await connect(server.url)
    onTestFinished(close)
    const store = redisTokenStore({ client })
    await store.write("key", record("1"))
    await store.lease("key", "a", 60_000)
    await server.down()
    expect(await rejection(Promise.resolve(store.read("key")))).toBeInstanceOf(Error)
    await server.up()
    const found = await eventually(() => store.read("key"))
    expect(found).toEqual(record("1"))
    expect((await store.lease("key", "b", 60_000)).acquired).toBe(false)
    expect(await store.write("key", record("2"), "1")).toBe(true)
  })
})

describe.skipIf(!hasOwn)("a Redis cluster", () => {
  let server: RedisServer
  const closing: (() => void)[] = []
  const stores: TokenStoreAdapter[] = []

  beforeAll(async () => {
    server = await startRedis(["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"])
    const { client, close } = await nodeRedis(server.url)
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
    await eventually(async () => {
      if (!(await client.sendCommand(["CLUSTER", "INFO"]))?.toString().includes("cluster_state:ok"))
        throw new Error("not yet")
    })
    close()
    const first = createCluster({ rootNodes: [{ url: server.url }] })
    first.on("error", ignore)
    await first.connect()
    const { hostname, port } = new URL(server.url)
    const second = new Cluster([{ host: hostname, port: Number(port) }])
    closing.push(
      () => first.destroy(),
      () => second.disconnect(),
    )
    stores.push(redisTokenStore({ client: first }), redisTokenStore({ client: second }))
  })

  afterAll(async () => {
    for (const close of closing) close()
    await server?.stop()
  })

  const open = (index: number): TokenStoreAdapter => {
    const store = stores[index]
    if (store === undefined) throw new Error("the cluster was not opened")
    return store
  }

  testTokenStore({ test, open: () => open(0), openSecond: () => open(1) })
})

/** The drivers connect again on their own, and tell nobody when. */
const eventually = async <A>(attempt: () => PromiseLike<A> | A): Promise<A> => {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

test("the layer leaves the client open", async () => {
  const client: NodeRedisClient & { close: () => void } = {
    hmGet: async () => ["v", "1"],
    eval: async () => 1,
    close: () => expect.unreachable(),
  }
  const program = Effect.flatMap(TokenStore, (store) => store.read("key"))
  const found = await Effect.runPromise(Effect.provide(program, redisTokenStoreLayer({ client })))
  expect(found).toEqual({ value: "v", version: "1" })
})

test("two stores with different prefixes never use the same key", () => {
  const namesOf = (prefix: string, key: string) => {
    const names: string[] = []
    const client: NodeRedisClient = {
      hmGet: async (name) => {
        names.push(name)
        return [null, null]
      },
      eval: async (_, { keys }) => {
        names.push(...keys)
        return 1
      },
    }
    const store = redisTokenStore({ client, prefix })
    void store.read(key)
    void store.release(key, "a")
    return names
  }
  const parts = ["a", ":", "record:", "lease:", "record", "lease", "%", "%3A", "%25", "3A"]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 6 }), (words) => {
      // Every way to read one text as a prefix and a key, with and without a word between them.
      const seen = new Map<string, string>()
      for (let end = 0; end <= words.length; end++) {
        for (const start of [end, end + 1]) {
          const [prefix, key] = [words.slice(0, end).join(""), words.slice(start).join("")]
          for (const name of namesOf(prefix, key)) {
            const pair = JSON.stringify([prefix, key])
            expect(seen.get(name) ?? pair).toBe(pair)
            seen.set(name, pair)
          }
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ["READONLY You can't write against a read only replica."],
  ["LOADING Redis is loading the dataset in memory"],
  ["OOM command not allowed when used memory > 'maxmemory'."],
  ["MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk."],
  ["CLUSTERDOWN The cluster is down"],
])("an error that passes by itself stays the driver's: %s", async (message) => {
  const error = new Error(message)
  const client: NodeRedisClient = { hmGet: () => Promise.reject(error), eval: () => Promise.reject(error) }
  expect(await rejection(Promise.resolve(redisTokenStore({ client }).read("key")))).toBe(error)
  expect(await rejection(Promise.resolve(redisTokenStore({ client }).lease("key", "a", 1000)))).toBe(error)
})

test("a server without scripts cannot be used", async () => {
  const error = new Error("ERR unknown command 'eval', with args beginning with: 'k4n4ry'")
  const client: NodeRedisClient = { hmGet: async () => [null, null], eval: () => Promise.reject(error) }
  const failed = await rejection(Promise.resolve(redisTokenStore({ client }).write("key", record("1"))))
  expect(failed).toMatchObject({ reason: "unusable", detail: expect.stringContaining("Redis 5 or later") })
  expect(String(failed)).not.toContain("k4n4ry")
})

describe("bad options", () => {
  const client: NodeRedisClient = { hmGet: async () => [], eval: async () => 0 }

  test.each([[undefined], [null], ["redis://:k4n4ry@host"], [{}], [{ eval: () => 0 }], [{ hmget: () => 0 }]])(
    "client: %j",
    (bad) => {
      const make = () => redisTokenStore({ client: bad as never })
      expect(make).toThrow(ConfigurationError)
      expect(make).toThrow(/Option "client" must be /)
      expect(make).not.toThrow("k4n4ry")
    },
  )

  test("prefix", () => {
    expect(() => redisTokenStore({ client, prefix: 7 as never })).toThrow(
      /Option "prefix" must be .*, got a number/,
    )
  })

  test("no options at all", () => {
    expect(() => redisTokenStore(undefined as never)).toThrow(/Option "client" must be .*, got missing/)
  })

  test("a misspelt name", () => {
    expect(() => redisTokenStore({ client, prefx: "app:" } as never)).toThrow(
      'Option "prefx" must be spelled "prefix"',
    )
  })

  test("a client in a transaction", async () => {
    const store = redisTokenStore({ client: { ...client, hmGet: async () => "QUEUED" } })
    expect(await rejection(Promise.resolve(store.read("key")))).toMatchObject({ reason: "unusable" })
  })
})

describe("an error that a person has to cure", () => {
  const failing = (error: unknown, members: object = {}) => {
    const client = { hmGet: () => Promise.reject(error), eval: async () => 0, ...members } as NodeRedisClient
    return rejection(Promise.resolve(redisTokenStore({ client }).read("the-key")))
  }
  const type = "WRONGTYPE: another program has written a key with this prefix; give the store another prefix"
  const password = "NOAUTH: the server refused the client's user or password; check both"
  const rights =
    "NOPERM: the client's user must be allowed EVAL, TIME, HMGET, HGET, HSET, GET, SET, PTTL, DEL, SCAN and TYPE with this prefix"
  const old = "the server must have the commands EVAL and TIME: Redis 5 or later"

  test.each([
    ["WRONGTYPE Operation against k4n4ry", type],
    ["ERR Error running script: WRONGTYPE k4n4ry", type],
    ["NOAUTH Authentication required. k4n4ry", password],
    ["WRONGPASS invalid username-password pair k4n4ry", password],
    ["NOPERM this user has no permissions k4n4ry", rights],
    ["ERR The user executing the script can't run this command k4n4ry", rights],
    ["ERR ACL failure in script k4n4ry", rights],
    ["ERR unknown command 'eval' k4n4ry", old],
    ["ERR Unknown Redis command called from script k4n4ry", old],
  ])("%o says what to do", async (message, detail) => {
    const error = await failing(new Error(message))
    expect(error).toMatchObject({ reason: "unusable", key: "the-key", detail })
    expect(String(error)).not.toContain("k4n4ry")
  })

  test.each(["_WRONGTYPE", "WRONGTYPE_", "_NOAUTH", "NOAUTH_", "WRONGPASS_", "NOPERM_", "unknown option"])(
    "%s is another error",
    async (message) => {
      const error = new Error(message)
      expect(await failing(error)).toBe(error)
    },
  )

  test.each([
    [{ isOpen: false }, true],
    [{ isOpen: true }, false],
    [{ status: "end" }, true],
    [{ status: "reconnecting" }, false],
    [{}, false],
  ])("a client with %j is closed: %s", async (members, isClosed) => {
    const error = new Error("k4n4ry")
    const failed = await failing(error, members)
    if (!isClosed) expect(failed).toBe(error)
    else {
      const detail = "the Redis client is closed; connect it, and close it after the store"
      expect(failed).toMatchObject({ reason: "unusable", detail })
    }
  })

  test.each([
    [["v", "1"], { value: "v", version: "1" }],
    [["", "1"], { value: "", version: "1" }],
    [[null, null], undefined],
    [[], undefined],
  ])("the fields %j are read as %j", async (fields, found) => {
    const client: NodeRedisClient = { hmGet: async () => fields, eval: async () => 0 }
    expect(await redisTokenStore({ client }).read("key")).toEqual(found)
  })

  test.each([[["v", null]], [[null, "1"]]])("the fields %j are a damaged record", async (fields) => {
    const client: NodeRedisClient = { hmGet: async () => fields, eval: async () => 0 }
    expect(await rejection(Promise.resolve(redisTokenStore({ client }).read("key")))).toMatchObject({
      reason: "corrupt",
      key: "key",
      detail: "its value or version is missing",
    })
  })

  test("the errors of options, and of a client in a transaction, say what is expected", async () => {
    const client: NodeRedisClient = { hmGet: async () => "QUEUED", eval: async () => "QUEUED" }
    expect(() => redisTokenStore({ client: {} as never })).toThrow(
      'Option "client" must be a client of node-redis or ioredis, got ',
    )
    expect(() => redisTokenStore({ client, prefix: 7 as never })).toThrow(
      'Option "prefix" must be a string, got a number',
    )
    const read = rejection(Promise.resolve(redisTokenStore({ client }).read("key")))
    expect(await read).toMatchObject({
      key: "key",
      detail:
        "the Redis client returned an unexpected result; give the store a client that is not in a transaction",
    })
  })

  test("each library gets the commands in its own form, and the keys with the prefix", async () => {
    const calls: unknown[] = []
    const keep = async (...all: unknown[]) => {
      calls.push(all)
      return [null, null]
    }
    const stores = [
      redisTokenStore({ client: { hmGet: keep, eval: keep } }),
      redisTokenStore({ client: { hmget: keep, eval: keep } }),
    ]
    for (const store of stores) {
      await store.read("key")
      await store.release("key", "me")
    }
    const record = "ellipsis-oauth:record:key"
    const lease = "ellipsis-oauth:lease:key"
    expect(calls).toEqual([
      [record, ["value", "version"]],
      [expect.any(String), { keys: [lease], arguments: ["me"] }],
      [record, "value", "version"],
      [expect.any(String), 1, lease, "me"],
    ])
  })

  test("conditions of a write and a removal", async () => {
    const calls: unknown[] = []
    const client: NodeRedisClient = {
      hmGet: async () => [],
      eval: async (_, { arguments: given }) => {
        calls.push(given)
        return calls.length % 2
      },
    }
    const store = redisTokenStore({ client })
    const written = { value: "v", version: "2" }
    expect(await store.write("key", written)).toBe(true)
    expect(await store.write("key", written, null)).toBe(false)
    expect(await store.write("key", written, "1")).toBe(true)
    expect(await store.remove("key")).toBe(false)
    expect(await store.remove("key", "1")).toBe(true)
    expect(calls).toEqual([["v", "2", "any"], ["v", "2", "none"], ["v", "2", "version", "1"], [], ["1"]])
  })
})
