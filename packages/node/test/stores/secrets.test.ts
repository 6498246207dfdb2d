// Drivers quote what they were given, in messages and in properties of their errors: none of it may be shown.
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import {
  createTokenClient,
  ellipsisDrive,
  encryptedTokenStore,
  memoryTokenStore,
  type TokenStoreAdapter,
} from "../../src/index.js"
import { postgresTokenStore } from "../../src/stores/postgresTokenStore.js"
import { redisTokenStore } from "../../src/stores/redisTokenStore.js"
import { approve, confidential, listening, rejection } from "../fixtures.js"

/** What a driver rejects with when it knows these arguments. */
const quoting = (...args: unknown[]) =>
  Object.assign(new Error(`failed with ${args.flat().join(", ")}`), {
    code: "XX000",
    detail: `Failing row contains (${args.flat().join(", ")})`,
    command: { name: "eval", args },
  })

const isWrite = (text: string) => /INSERT INTO ellipsis_oauth \(|UPDATE ellipsis_oauth |HSET/.test(text)

const stores: Record<string, () => TokenStoreAdapter> = {
  Postgres: () =>
    postgresTokenStore({
      client: {
        query: async (text, values) => {
          if (isWrite(text)) throw quoting(values)
          return { rows: text.includes(" AS now") ? [{ outcome: "taken", now: "0" }] : [] }
        },
      },
    }),
  "node-redis": () =>
    redisTokenStore({
      client: {
        hmGet: async () => [null, null],
        eval: async (script: string, options: { arguments: string[] }) => {
          if (isWrite(script)) throw quoting(options.arguments)
          return [1, 1000, 0]
        },
      },
    }),
  ioredis: () =>
    redisTokenStore({
      client: {
        hmget: async () => [null, null],
        eval: async (script: string, _: number, ...args: string[]) => {
          if (isWrite(script)) throw quoting(args)
          return [1, 1000, 0]
        },
      },
    }),
  encrypted: () => {
    const write = async (...args: unknown[]) => {
      throw quoting(...args.map((arg) => JSON.stringify(arg)))
    }
    return encryptedTokenStore({ ...memoryTokenStore(), write }, [
      { id: "a", key: new Uint8Array(32).fill(7) },
    ])
  },
}

describe("a login whose token cannot be stored shows no secret", () => {
  test.each(Object.entries(stores))("%s", async (_, open) => {
    const server = await listening()
    const issued: string[] = []
    const client = createTokenClient({
      ...confidential,
      server: ellipsisDrive({ baseUrl: server.url }),
      deadline: 2000,
      store: open(),
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        const token = (await response.clone().json()) as Record<string, string>
        issued.push(token["access_token"] ?? "", token["refresh_token"] ?? "")
        return response as never
      },
    })
    const { url, transaction } = await client.createAuthorizationRequest()
    const callbackUrl = await approve(server, url)
    const error = await rejection(client.session("ada").completeAuthorization(callbackUrl, transaction))
    expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "notDurable", key: "ada" })
    expect(issued.filter((token) => token.length > 10)).toHaveLength(2)
    const printed = [
      String(error),
      JSON.stringify(error),
      inspect(error, { depth: 20, showHidden: true }),
    ].join()
    expect(printed).toContain("XX000")
    for (const token of issued) {
      expect(printed).not.toContain(token)
      expect(printed).not.toContain(Buffer.from(token).toString("base64").replace(/=+$/, ""))
    }
  })
})
