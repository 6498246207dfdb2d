import { TokenStore, type TokenStoreAdapter } from "@ellipsis-oauth/core"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import * as Effect from "effect/Effect"
import { Cluster, Redis } from "ioredis"
import { createClient, createCluster } from "redis"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
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
    expect(await client.hGetAll(`${prefix}record:named`)).toEqual(record("1"))
    expect(await client.get(`${prefix}lease:named`)).toBe("a")
    expect(await client.pTTL(`${prefix}lease:named`)).toBeGreaterThan(50_000)
    expect(await client.pTTL(`${prefix}record:named`)).toBe(-1)
  })

  test("a key of another type, or a record with a part missing, is an error", async () => {
    const { client, close } = await nodeRedis(server.url)
    onTestFinished(close)
    await client.set(`${prefix}record:text`, "k4n4ry")
    expect(String(await rejection(Promise.resolve(open(0).read("text"))))).toContain("WRONGTYPE")
    await client.hSet(`${prefix}record:half`, "value", "k4n4ry")
    const half = await rejection(Promise.resolve(open(0).read("half")))
    expect(half).toMatchObject({ _tag: "TokenStoreError", reason: "corrupt", key: "half" })
    expect(String(half)).not.toContain("k4n4ry")
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

describe("bad options", () => {
  const client: NodeRedisClient = { hmGet: async () => [], eval: async () => 0 }

  test.each([[undefined], [null], ["redis://:k4n4ry@host"], [{}], [{ eval: () => 0 }], [{ hmget: () => 0 }]])(
    "client: %j",
    (bad) => {
      const make = () => redisTokenStore({ client: bad as never })
      expect(make).toThrow(ConfigurationError)
      expect(make).toThrow('Option "client" is')
      expect(make).not.toThrow("k4n4ry")
    },
  )

  test("prefix", () => {
    expect(() => redisTokenStore({ client, prefix: 7 as never })).toThrow('Option "prefix" is a number')
  })

  test("no options at all", () => {
    expect(() => redisTokenStore(undefined as never)).toThrow('Option "client" is missing')
  })

  test("a reply of another shape is an error", async () => {
    const store = redisTokenStore({ client: { ...client, hmGet: async () => "QUEUED" } })
    expect(await rejection(Promise.resolve(store.read("key")))).toMatchObject({ reason: "unavailable" })
  })
})
