// A bad option is a typed failure of the layer that takes it, never a defect.
import { webcrypto } from "node:crypto"
import { inspect } from "node:util"
import { expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { describe } from "vitest"
import {
  ConfigurationError,
  fromPromiseTransport,
  HttpRequest,
  memoryTokenStore,
  type PromiseTransport,
  TokenClient,
  type TokenClientOptions,
  TokenStore,
  type TokenStoreAdapter,
  Transport,
  TransportError,
  WebCrypto,
} from "../../src/index.js"
import { rejection, World } from "../sessions.js"
import { servicesOf } from "./world.js"

const optionOf = <A>(layer: Layer.Layer<A, ConfigurationError>) =>
  Effect.map(Effect.flip(Effect.scoped(Layer.build(layer))), (error) => `${error._tag} ${error.option}`)

describe("TokenClient.layer", () => {
  const bad: ReadonlyArray<readonly [option: string, options: Record<string, unknown>]> = [
    ["server", { server: { baseUrl: "https://example.com" } }],
    ["clientId", { clientId: "" }],
    ["clientSecret", { clientSecret: undefined }],
    ["clientSecret", { clientSecret: Redacted.make("") }],
    ["redirectUri", { redirectUri: "/callback" }],
    ["timeout", { timeout: Duration.infinity }],
    ["deadline", { deadline: "soon" }],
    ["maxConcurrentRefreshes", { maxConcurrentRefreshes: 0 }],
    ["onEvent", { onEvent: "log" }],
    ["pkce", { pkce: true }],
    ["clientID", { clientID: "app" }],
  ]
  it.effect.each(bad)("fails with a ConfigurationError for a bad %s", ([option, options]) =>
    Effect.gen(function* () {
      const world = new World()
      const layer = TokenClient.layer({ ...world.options(), ...options } as TokenClientOptions)
      expect(yield* optionOf(Layer.provide(layer, servicesOf(world)))).toBe(`ConfigurationError ${option}`)
    }),
  )

  it.effect("fails with one for no options at all", () =>
    Effect.gen(function* () {
      const layer = TokenClient.layer(undefined as never)
      expect(yield* optionOf(Layer.provide(layer, servicesOf(new World())))).toMatch(/^ConfigurationError /)
    }),
  )

  it.effect("takes a redacted secret and durations", () => {
    const world = new World()
    return Effect.gen(function* () {
      const client = yield* TokenClient.make({
        ...world.options(),
        clientSecret: Redacted.make("demo-secret"),
        timeout: Duration.seconds(5),
        deadline: Duration.seconds(5),
      })
      const { url, transaction } = yield* client.createAuthorizationRequest()
      const redirect = yield* Effect.promise(() => world.server.fetch(url, { redirect: "manual" }))
      const code = yield* client.parseAuthorizationResponse(
        redirect.headers.get("location") ?? "",
        transaction,
      )
      expect((yield* client.exchangeAuthorizationCode(code)).refreshToken).toBeTruthy()
    }).pipe(Effect.provide(servicesOf(world)))
  })
})

describe("fromPromiseTransport", () => {
  const request = new HttpRequest("https://drive.example/v3/oauth/token", {}, "secret-body")
  const sendWith = (send: PromiseTransport) =>
    Effect.flatMap(Transport, (transport) => transport.send(request)).pipe(
      Effect.provideService(Transport, fromPromiseTransport(send)),
    )

  it.effect("sends with the function", () =>
    Effect.gen(function* () {
      const response = { status: 200, headers: {}, body: "{}" }
      expect(yield* sendWith(async ({ url }) => ({ ...response, body: url }))).toEqual({
        ...response,
        body: request.url,
      })
    }),
  )

  it.effect("keeps a typed error, and quotes no other error", () =>
    Effect.gen(function* () {
      const error = new TransportError({ reason: "network", sent: "no", detail: "ECONNREFUSED" })
      expect(yield* Effect.flip(sendWith(() => Promise.reject(error)))).toBe(error)
      const bad = new ConfigurationError({ option: "fetch", got: "7", expected: "a function" })
      expect(yield* Effect.flip(sendWith(() => Promise.reject(bad)))).toBe(bad)
      const other = yield* Effect.flip(sendWith(() => Promise.reject(new Error(request.body))))
      expect(other).toMatchObject({ _tag: "TransportError", reason: "network", sent: "maybe" })
      expect(inspect(other)).not.toContain("secret-body")
    }),
  )

  it.effect("aborts the signal when the effect is interrupted", () =>
    Effect.gen(function* () {
      const asked = Promise.withResolvers<AbortSignal>()
      const fiber = yield* Effect.forkChild(
        sendWith((_, signal) => {
          asked.resolve(signal)
          return new Promise(() => {})
        }),
      )
      const signal = yield* Effect.promise(() => asked.promise)
      expect(signal.aborted).toBe(false)
      yield* Fiber.interrupt(fiber)
      expect(signal.aborted).toBe(true)
    }),
  )
})

describe("TokenStore.fromAdapter", () => {
  const { read, write, remove, lease } = memoryTokenStore()
  const bad: ReadonlyArray<readonly [what: string, adapter: unknown]> = [
    ["nothing", undefined],
    ["a path", "tokens.sqlite"],
    ["a store without release", { read, write, remove, lease }],
    ["a function that returns none", () => undefined],
    ["a function that returns a promise of one", async () => memoryTokenStore()],
  ]
  it.effect.each(bad)("fails with a ConfigurationError for %s", ([, adapter]) =>
    Effect.gen(function* () {
      const layer = TokenStore.fromAdapter(adapter as TokenStoreAdapter)
      expect(yield* optionOf(layer)).toBe("ConfigurationError store")
    }),
  )

  it.effect("says what a store lacks", () =>
    Effect.gen(function* () {
      const layer = TokenStore.fromAdapter({ read, lease } as never)
      expect(yield* Effect.flip(Effect.scoped(Layer.build(layer)))).toMatchObject({
        got: "an object without write, remove, release",
        expected: "a token store, such as sqliteTokenStore({ path })",
      })
    }),
  )

  it.effect("makes a store when the layer is built, and closes it with the layer's scope", () =>
    Effect.gen(function* () {
      const seen: string[] = []
      const layer = TokenStore.fromAdapter(() => {
        seen.push("made")
        return { ...memoryTokenStore(), close: () => void seen.push("closed") }
      })
      yield* Effect.scoped(
        Effect.andThen(
          Layer.build(layer),
          Effect.sync(() => seen.push("built")),
        ),
      )
      expect(seen).toEqual(["made", "built", "closed"])
    }),
  )
})

describe("a store that fails to close", () => {
  const leaking = (): TokenStoreAdapter => ({
    ...memoryTokenStore(),
    close: () => {
      const message = 'cannot flush {"refreshToken":"kanary"}'
      throw Object.assign(new Error(message), { code: "EIO", record: "kanary" })
    },
  })

  it("rejects close() with a typed error, without what the driver quotes", async () => {
    const client = new World().client({}, leaking())
    const error = await rejection(client.close())
    expect(error).toMatchObject({ _tag: "TokenStoreError", reason: "unavailable", detail: "EIO", key: "*" })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("kanary")
  })

  it.effect("shows nothing of it in the end of a layer", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(TokenStore.fromAdapter(leaking()))))
      const printed = inspect(exit, { depth: null, showHidden: true })
      expect(printed).toContain("TokenStoreError")
      expect(printed).not.toContain("kanary")
    }),
  )
})

it.effect("PKCE without crypto.subtle is a typed failure of the login", () =>
  Effect.gen(function* () {
    const world = new World()
    const crypto = { getRandomValues: (array: Uint8Array<ArrayBuffer>) => webcrypto.getRandomValues(array) }
    const client = yield* TokenClient.make(world.options()).pipe(
      Effect.provide(Layer.merge(servicesOf(world), WebCrypto.layer(crypto))),
    )
    expect(yield* Effect.flip(client.createAuthorizationRequest())).toMatchObject({
      _tag: "ConfigurationError",
      option: "crypto",
    })
  }),
)
