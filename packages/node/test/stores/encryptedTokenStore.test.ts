// cspell:ignore unreadble
import {
  memoryTokenStore,
  type StoredRecord,
  TokenStore,
  type TokenStoreAdapter,
  TokenStoreError,
} from "@ellipsis-oauth/core"
import { testTokenStore } from "@ellipsis-oauth/core/testing"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { encryptExisting } from "../../../../examples/stores/src/encryptExisting.js"
import { encryptedTokenStoreLayer } from "../../src/effect/index.js"
import {
  ConfigurationError,
  createTokenClient,
  type EncryptionKey,
  ellipsisDrive,
  encryptedTokenStore,
} from "../../src/index.js"
import { approve, confidential, keyInStore, listening, rejection } from "../fixtures.js"

const bytes = (fill: number) => new Uint8Array(32).fill(fill)
const first: EncryptionKey = { id: "2025", key: bytes(1) }
const second: EncryptionKey = { id: "2026", key: bytes(2) }
const record = (value = "k4n4ry-refresh-token"): StoredRecord => ({ value, version: "v1" })

const read = async (store: TokenStoreAdapter, key: string) => store.read(key)

const stored = async (store: TokenStoreAdapter, key: string): Promise<StoredRecord> => {
  const found = await store.read(key)
  if (found === undefined) throw new Error(`nothing is stored at ${key}`)
  return found
}

const failure = async (call: Promise<unknown>) => {
  const error = await rejection(call)
  expect(error).toBeInstanceOf(TokenStoreError)
  const { reason, key, detail } = error as TokenStoreError
  expect(String(error)).not.toContain("k4n4ry")
  return { reason, key, detail }
}

describe("over the store in memory", () => {
  const memory = memoryTokenStore()
  testTokenStore({
    test,
    open: () => encryptedTokenStore(memory, [first]),
    openSecond: () => encryptedTokenStore(memory, [second, first]),
  })
})

describe("what is stored", () => {
  test("has the format and the key's id, and nothing of the value", async () => {
    const memory = memoryTokenStore()
    await encryptedTokenStore(memory, [first]).write("key", record())
    const { value, version } = await stored(memory, "key")
    expect(value).toMatch(/^e1\.2025\.[\w-]{11}\.[\w-]+$/)
    expect(Buffer.from(value.split(".")[3] ?? "", "base64url").toString("latin1")).not.toContain("k4n4ry")
    expect(version).toBe("v1")
  })

  test("differs each time", async () => {
    const memory = memoryTokenStore()
    const store = encryptedTokenStore(memory, [first])
    const seen = new Set<string>()
    for (let i = 0; i < 50; i++) {
      await store.write("key", record())
      seen.add((await stored(memory, "key")).value.split(".")[3]?.slice(0, 16) ?? "")
    }
    expect(seen.size).toBe(50)
  })

  test("can be decrypted by its documented format", async () => {
    const memory = memoryTokenStore()
    await encryptedTokenStore(memory, [first]).write("key é", record())
    const sealed = Buffer.from((await stored(memory, "key é")).value.split(".")[3] ?? "", "base64url")
    const cryptoKey = await crypto.subtle.importKey("raw", bytes(1), "AES-GCM", false, ["decrypt"])
    const opened = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: sealed.subarray(0, 12), additionalData: new TextEncoder().encode("e1.key é") },
      cryptoKey,
      sealed.subarray(12),
    )
    expect(new TextDecoder().decode(opened)).toBe(record().value)
  })
})

describe("keys", () => {
  test("the first one encrypts, all decrypt, and the next write uses the first one", async () => {
    const memory = memoryTokenStore()
    await encryptedTokenStore(memory, [first]).write("key", record())
    const rotated = encryptedTokenStore(memory, [second, first])
    expect(await read(rotated, "key")).toEqual(record())
    expect((await stored(memory, "key")).value).toMatch(/^e1\.2025\./)
    await rotated.write("key", record("next"), "v1")
    expect((await stored(memory, "key")).value).toMatch(/^e1\.2026\./)
    expect(await read(encryptedTokenStore(memory, [second]), "key")).toEqual(record("next"))
  })

  test.each([
    ["under another id", { id: "2026", key: bytes(2) }],
    ["under the same id", { id: "2025", key: bytes(2) }],
  ])("a record of a key that is not given: wrongKey, %s", async (_, key) => {
    const memory = memoryTokenStore()
    await encryptedTokenStore(memory, [first]).write("key", record())
    const before = await memory.read("key")
    expect(await failure(read(encryptedTokenStore(memory, [key]), "key"))).toEqual({
      reason: "wrongKey",
      key: "key",
      detail: 'it was encrypted with the key "2025"',
    })
    expect(await memory.read("key")).toEqual(before)
  })

  test("a key with a new id still decrypts its records", async () => {
    const memory = memoryTokenStore()
    await encryptedTokenStore(memory, [first]).write("key", record())
    expect(await read(encryptedTokenStore(memory, [{ ...first, id: "renamed" }]), "key")).toEqual(record())
  })

  test("bytes, base64 and base64url are the same key, and the bytes may be erased afterwards", async () => {
    const raw = crypto.getRandomValues(new Uint8Array(32))
    const forms = ["base64", "base64url"] as const
    const keys = [raw, ...forms.map((form) => Buffer.from(raw).toString(form))]
    const memory = memoryTokenStore()
    const stores = keys.map((key) => encryptedTokenStore(memory, [{ id: "a", key }]))
    raw.fill(0)
    for (const [index, store] of stores.entries()) await store.write(`key ${index}`, record())
    for (const store of stores) {
      for (const index of stores.keys()) expect(await read(store, `key ${index}`)).toEqual(record())
    }
  })
})

describe("a key that is lost forever", () => {
  const replacing = (store: TokenStoreAdapter) =>
    encryptedTokenStore(store, [second], { unreadable: "replace" })

  test("its records count as damaged, and stay until a login replaces them", async () => {
    const memory = memoryTokenStore()
    await encryptedTokenStore(memory, [first]).write("key", record())
    const before = await stored(memory, "key")
    const store = replacing(memory)
    expect(await failure(read(store, "key"))).toEqual({
      reason: "corrupt",
      key: "key",
      detail: 'it was encrypted with the key "2025"',
    })
    expect(await memory.read("key")).toEqual(before)
    expect(await store.write("key", record("next"))).toBe(true)
    expect(await read(store, "key")).toEqual(record("next"))
  })

  test("a login succeeds, and replaces the record", async () => {
    const server = await listening()
    const memory = memoryTokenStore()
    const login = async (store: TokenStoreAdapter) => {
      const client = createTokenClient({
        ...confidential,
        server: ellipsisDrive({ baseUrl: server.url }),
        store,
      })
      const { url, transaction } = await client.createAuthorizationRequest()
      const session = client.session("ada")
      await session.completeAuthorization(await approve(server, url), transaction)
      return session
    }
    await login(encryptedTokenStore(memory, [first]))
    const kept = createTokenClient({
      ...confidential,
      server: ellipsisDrive({ baseUrl: server.url }),
      store: replacing(memory),
    })
    expect(await rejection(kept.session("ada").getAccessToken())).toMatchObject({
      reason: "corrupt",
      action: "login",
    })
    const session = await login(replacing(memory))
    expect(await session.getAccessToken()).toEqual(expect.any(String))
    expect((await stored(memory, keyInStore(kept, "ada"))).value).toMatch(/^e1\.2026\./)
  })

  test("a readable record, and a damaged one, work as without the option", async () => {
    const memory = memoryTokenStore()
    const store = replacing(memory)
    await store.write("key", record())
    await memory.write("plain", record())
    expect(await read(store, "key")).toEqual(record())
    expect(await failure(read(store, "plain"))).toMatchObject({ detail: "the record is not encrypted" })
  })

  test.each([["ignore"], [true], [null]])("unreadable: %j is refused", (unreadable) => {
    const make = () => encryptedTokenStore(memoryTokenStore(), [first], { unreadable: unreadable as never })
    expect(make).toThrow(/Option "unreadable" must be /)
  })
})

describe("the store below", () => {
  test("may return null if there is no record", async () => {
    const below = { ...memoryTokenStore(), read: () => null as never }
    expect(await read(encryptedTokenStore(below, [first]), "key")).toBeUndefined()
  })

  test("has removeStale if the inner store has it", async () => {
    let now = 0
    const store = encryptedTokenStore(memoryTokenStore({ now: () => now }), [first])
    await store.write("key", record())
    now = 2000
    expect(await store.removeStale({ notWrittenFor: "3 seconds" })).toBe(0)
    expect(await store.removeStale({ notWrittenFor: "1 second" })).toBe(1)
    const { removeStale: _, ...without } = memoryTokenStore()
    expect(encryptedTokenStore(without, [first])).not.toHaveProperty("removeStale")
  })
})

describe("a changed record", () => {
  test("under another key of the store: corrupt", async () => {
    const memory = memoryTokenStore()
    const store = encryptedTokenStore(memory, [first])
    await store.write("alice", record())
    await memory.write("mallory", await stored(memory, "alice"))
    expect(await failure(read(store, "mallory"))).toMatchObject({ reason: "corrupt", key: "mallory" })
    expect(await read(store, "alice")).toEqual(record())
  })

  test("without encryption: corrupt, kept, and replaced by a write", async () => {
    const memory = memoryTokenStore()
    const store = encryptedTokenStore(memory, [first])
    await memory.write("key", record())
    expect(await failure(read(store, "key"))).toEqual({
      reason: "corrupt",
      key: "key",
      detail: "the record is not encrypted",
    })
    expect(await memory.read("key")).toEqual(record())
    expect(await store.write("key", record(), "v1")).toBe(true)
    expect(await read(store, "key")).toEqual(record())
  })

  test.each([
    "",
    "e1",
    "e1.",
    "e1.2025",
    "e1.2025.AAAAAAAAAAA.",
    "e1.2025.AAAAAAAAAAA.a b",
    "e2.2025.AAAAAAAAAAA.AAAA",
  ])("as %j: corrupt", async (value) => {
    const memory = memoryTokenStore()
    await memory.write("key", record(value))
    expect(await failure(read(encryptedTokenStore(memory, [first]), "key"))).toMatchObject({
      reason: "corrupt",
    })
  })
})

test("the migration of the guide encrypts each record once", async () => {
  const memory = memoryTokenStore()
  await memory.write("plain", record())
  await encryptedTokenStore(memory, [first]).write("encrypted", record())
  const before = await stored(memory, "encrypted")
  await encryptExisting(memory, [first], ["plain", "encrypted", "none"])
  expect(await stored(memory, "encrypted")).toEqual(before)
  expect((await stored(memory, "plain")).value).toMatch(/^e1\./)
  expect(await read(encryptedTokenStore(memory, [first]), "plain")).toEqual(record())
  expect(await memory.read("none")).toBeUndefined()
})

describe("properties", () => {
  const key = fc.string({ minLength: 1, maxLength: 512, unit: "binary" })
  const value = fc.string({ maxLength: 300, unit: "binary" })

  test("any value is read back as it was written, with any key", async () => {
    await fc.assert(
      fc.asyncProperty(
        key,
        value,
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        async (name, text, secret) => {
          const store = encryptedTokenStore(memoryTokenStore(), [{ id: "a", key: secret }])
          await store.write(name, record(text))
          expect(await read(store, name)).toEqual(record(text))
        },
      ),
      { numRuns: 300 },
    )
  })

  test("a changed byte, or a record that was cut off, never decrypts", async () => {
    await fc.assert(
      fc.asyncProperty(
        value,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (text, at, flip, cut) => {
          const memory = memoryTokenStore()
          const store = encryptedTokenStore(memory, [first])
          await store.write("key", record(text))
          const [format, id, check, data = ""] = (await stored(memory, "key")).value.split(".")
          const sealed = Buffer.from(data, "base64url")
          const index = at % sealed.length
          sealed[index] = (sealed[index] ?? 0) ^ flip
          const damaged = cut ? Buffer.from(data, "base64url").subarray(0, index) : sealed
          await memory.write("key", record([format, id, check, damaged.toString("base64url")].join(".")))
          expect(await failure(read(store, "key"))).toMatchObject({ reason: "corrupt" })
        },
      ),
      { numRuns: 300 },
    )
  })

  test("a changed character never gives another value", async () => {
    await fc.assert(
      fc.asyncProperty(
        value,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        async (text, at, character) => {
          const memory = memoryTokenStore()
          const store = encryptedTokenStore(memory, [first])
          await store.write("key", record(text))
          const whole = (await stored(memory, "key")).value
          const index = at % whole.length
          await memory.write("key", record(whole.slice(0, index) + character + whole.slice(index + 1)))
          const result = await read(store, "key").catch((error: unknown) => error)
          if (result instanceof TokenStoreError) expect(["corrupt", "wrongKey"]).toContain(result.reason)
          else expect(result).toEqual(record(text))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe("bad options", () => {
  const secret = Buffer.from("k4n4ry-key-that-is-long-enough--").toString("base64")
  const cases: ReadonlyArray<readonly [name: string, keys: unknown, message: string | RegExp]> = [
    ["no keys", [], 'Option "keys" must be an array of at least one { id, key }, got an array of 0.'],
    ["no array", undefined, /Option "keys" must be .*, got missing/],
    ["a key alone", secret, /Option "keys" must be .*, got a string of 44 characters/],
    [
      "a short key",
      [{ id: "a", key: new Uint8Array(16) }],
      /Option "keys\[0\]\.key" must be .*, got an array of 16 bytes/,
    ],
    [
      "a long key",
      [first, { id: "a", key: new Uint8Array(64) }],
      /Option "keys\[1\]\.key" must be .*, got an array of 64 bytes/,
    ],
    [
      "a key that is cut",
      [{ id: "a", key: secret.slice(0, 40) }],
      /Option "keys\[0\]\.key" must be .*, got a string of 40 characters/,
    ],
    [
      "a passphrase",
      [{ id: "a", key: "correct horse battery staple" }],
      /Option "keys\[0\]\.key" must be .*, got a string of 28/,
    ],
    [
      "a hex key",
      [{ id: "a", key: "ab".repeat(32) }],
      /Option "keys\[0\]\.key" must be .*, got a string of 64 characters/,
    ],
    ["no key", [{ id: "a" }], /Option "keys\[0\]\.key" must be .*, got missing/],
    ["no id", [{ key: secret }], /Option "keys\[0\]\.id" must be .*, got missing/],
    [
      "an odd id",
      [{ id: "a.b", key: secret }],
      /Option "keys\[0\]\.id" must be .*, got a string of 3 characters/,
    ],
    ["null", [null], /Option "keys\[0\]\.id" must be .*, got missing/],
    [
      "one id twice",
      [first, { ...second, id: "2025" }],
      /Option "keys" must be .*, got two keys with the id "2025"/,
    ],
  ]

  test.each(cases)("%s", (_, keys, message) => {
    const make = () => encryptedTokenStore(memoryTokenStore(), keys as readonly EncryptionKey[])
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(secret.slice(0, 10))
  })

  test("a misspelt option", () => {
    const options = { unreadble: "replace" } as never
    expect(() => encryptedTokenStore(memoryTokenStore(), [first], options)).toThrow(
      'Option "unreadble" must be spelled "unreadable"',
    )
  })

  test("no store", () => {
    expect(() => encryptedTokenStore(undefined as never, [first])).toThrow(
      /Option "store" must be .*, got missing/,
    )
  })
})

test("closes the store that it was given", async () => {
  let closed = 0
  const store = encryptedTokenStore({ ...memoryTokenStore(), close: () => void closed++ }, [first])
  await store.close?.()
  expect(closed).toBe(1)
})

test("works as a layer over another store", async () => {
  const memory = memoryTokenStore()
  const layer = encryptedTokenStoreLayer(() => memory, [first])
  const program = Effect.flatMap(TokenStore, (store) =>
    Effect.andThen(store.write("key", record()), store.read("key")),
  )
  expect(await Effect.runPromise(Effect.provide(program, layer))).toEqual(record())
  expect((await stored(memory, "key")).value).toMatch(/^e1\./)
})

test.each([
  ["of 1 character", "a", true],
  ["of 64 characters", "aA0_-".padEnd(64, "x"), true],
  ["of 65 characters", "a".repeat(65), false],
  ["with a space before it", " a", false],
  ["with a space after it", "a ", false],
  ["that is empty", "", false],
  ["that is a number", 7, false],
])("an id %s is taken: %s", (_, id, isTaken) => {
  const make = () => encryptedTokenStore(memoryTokenStore(), [{ ...first, id: id as string }])
  if (isTaken) expect(make).not.toThrow()
  else expect(make).toThrow('Option "keys[0].id" must be 1 to 64 letters, digits, _ or -, got ')
})

test("the errors of keys and stores say what is expected", () => {
  const make = (keys: unknown, store: unknown = memoryTokenStore()) => {
    return () => encryptedTokenStore(store as TokenStoreAdapter, keys as readonly EncryptionKey[])
  }
  const key = 'Option "keys[0].key" must be 32 bytes, or the same in base64, got '
  const base64 = Buffer.alloc(32, 7).toString("base64")
  expect(make([{ id: "a", key: new Uint8Array(31) }])).toThrow(key)
  expect(make([{ id: "a", key: new Uint8Array(33) }])).toThrow(key)
  expect(make([{ id: "a", key: ` ${base64}` }])).toThrow(key)
  expect(make([{ id: "a", key: `${base64} ` }])).toThrow(key)
  expect(make([{ id: "a", key: base64.slice(0, 43) }])).not.toThrow()
  expect(make([first, first])).toThrow('Option "keys" must be ids that differ, got two keys with the id ')
  for (const store of [null, "memory", {}]) {
    expect(make([first], store)).toThrow('Option "store" must be a token store, got ')
  }
})

test("a store without one of its calls is refused, and the call is named", () => {
  const { lease: _, ...without } = memoryTokenStore()
  expect(() => encryptedTokenStore(without as never, [first])).toThrow(
    'Option "store" must be a token store, got an object without lease.',
  )
})
