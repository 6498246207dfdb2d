// cspell:ignore agnt
// A bad option is a typed failure of the layer that takes it, never a defect.
import type { ConfigurationError } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { expect, test } from "vitest"
import {
  encryptedTokenStoreLayer,
  kyTransportLayer,
  postgresTokenStoreLayer,
  redisTokenStoreLayer,
  sqliteTokenStoreLayer,
} from "../../src/effect/index.js"
import { memoryTokenStore } from "../../src/index.js"

type AnyLayer = Layer.Layer<never, ConfigurationError>

const bad: Readonly<Record<string, readonly [option: RegExp, layer: () => AnyLayer]>> = {
  "kyTransportLayer, userAgent": [/^userAgent$/, () => kyTransportLayer({ userAgent: "a\nb" }) as AnyLayer],
  "kyTransportLayer, fetch": [/^fetch$/, () => kyTransportLayer({ fetch: "undici" as never }) as AnyLayer],
  "kyTransportLayer, a misspelt option": [
    /^userAgnt$/,
    () => kyTransportLayer({ userAgnt: "maps" } as never) as AnyLayer,
  ],
  "sqliteTokenStoreLayer, path": [/^path$/, () => sqliteTokenStoreLayer({ path: "" }) as AnyLayer],
  "sqliteTokenStoreLayer, none": [/./, () => sqliteTokenStoreLayer(undefined as never) as AnyLayer],
  "postgresTokenStoreLayer, client": [
    /^client/,
    () => postgresTokenStoreLayer({ client: {} as never }) as AnyLayer,
  ],
  "postgresTokenStoreLayer, table": [
    /^table$/,
    () => postgresTokenStoreLayer({ client: { query: async () => ({ rows: [] }) }, table: "" }) as AnyLayer,
  ],
  "redisTokenStoreLayer, client": [
    /^client/,
    () => redisTokenStoreLayer({ client: {} as never }) as AnyLayer,
  ],
  "encryptedTokenStoreLayer, keys": [
    /^keys?/,
    () => encryptedTokenStoreLayer(memoryTokenStore, [{ id: "2026", key: "too short" }]) as AnyLayer,
  ],
  "encryptedTokenStoreLayer, options": [
    /^unreadable$/,
    () =>
      encryptedTokenStoreLayer(memoryTokenStore, [{ id: "2026", key: new Uint8Array(32).fill(7) }], {
        unreadable: "ignore" as never,
      }) as AnyLayer,
  ],
  "encryptedTokenStoreLayer, the store inside": [
    /^path$/,
    () =>
      encryptedTokenStoreLayer(() => {
        throw failure
      }, [{ id: "2026", key: new Uint8Array(32).fill(7) }]) as AnyLayer,
  ],
}

const failureOf = (layer: AnyLayer) => Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(layer))))

const failure = await failureOf(sqliteTokenStoreLayer({ path: "" }) as AnyLayer)

test.each(Object.keys(bad))("%s", async (name) => {
  const [option, layer] = bad[name] ?? []
  const error = layer && (await failureOf(layer()))
  expect(error).toMatchObject({ _tag: "ConfigurationError", action: "fix" })
  expect(error?.option).toMatch(option ?? "")
})
