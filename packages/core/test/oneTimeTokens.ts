// A server whose refresh tokens work once, stores that fail, and time that moves only when a test lets it.
import { createHash, webcrypto } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { test } from "vitest"
import {
  memoryTokenStore,
  type PromiseTokenClient,
  rfc6749,
  type StoredRecord,
  storeKey,
  type TokenClientOptions,
  type TokenStoreAdapter,
  TransportError,
} from "../src/promise/index.js"
import { fromContext } from "../src/promise/PromiseTokenClient.js"
import { fromWebCrypto } from "../src/services/fromWebCrypto.js"
import { tokenStoreCalls } from "../src/services/TokenStoreCalls.js"
import { noTracing } from "../src/services/Tracing.js"
import { fromRecord } from "../src/session/Credential.js"
import { reply } from "./fixtures.js"

const server = rfc6749({
  authorizationEndpoint: "https://as.example/authorize",
  tokenEndpoint: "https://as.example/token",
})

const owner = { clientId: "app", tokenEndpoint: server.tokenEndpoint }

/** The one of Node.js works in a thread of its own, which no test clock waits for. */
export const crypto = fromWebCrypto({
  getRandomValues: (array: Uint8Array<ArrayBuffer>) => webcrypto.getRandomValues(array),
  subtle: {
    digest: async (_algorithm: string, data: Uint8Array) =>
      new Uint8Array(createHash("sha256").update(data).digest()).buffer,
  },
} as never)

/** How far the clock moves at once, in milliseconds. */
const step = 50

/** Lets everything run that does not wait for the clock. */
const breathe = async () => {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** The server takes R1 and RX1 at first. Its token responses have A2 and R2, A3 and R3, and so on. */
export class Scene {
  /** What each request presented: a refresh token, or a code. */
  readonly presented: string[] = []
  /** The store as it is, when nothing fails. */
  readonly memory: TokenStoreAdapter
  /** Whether `store()` takes no writes. */
  isReadOnly = false
  /** Whether a refresh token works again, and the token response has none. */
  keepsRefreshToken = false
  /** Run at each request, before the server looks at it. */
  onRequest: (presented: string) => Promise<void> | void = () => {}
  readonly #context: Context.Context<never>
  readonly #valid = new Set(["R1", "RX1"])
  #responses = 1

  constructor(context: Context.Context<never>) {
    this.#context = context
    this.memory = memoryTokenStore({ now: this.now })
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => Context.get(this.#context, Clock.Clock).currentTimeMillisUnsafe()

  /** A view of `memory`, with calls of one's own. */
  store(calls: Partial<TokenStoreAdapter> = {}): TokenStoreAdapter {
    return {
      ...this.memory,
      write: (...call) => {
        if (this.isReadOnly) throw new Error("read-only")
        return this.memory.write(...call)
      },
      ...calls,
    }
  }

  /** A client that shares nothing with the others but the store, as in another process. */
  client(store = this.store(), options: Partial<TokenClientOptions> = {}): PromiseTokenClient {
    return fromContext(
      {
        server,
        clientId: owner.clientId,
        redirectUri: "https://app.example/callback",
        timeout: 2000,
        deadline: 1500,
        ...options,
      },
      {
        transport: {
          send: (request) =>
            Effect.tryPromise({
              try: () => this.#respond(new URLSearchParams(request.body)),
              catch: (error) =>
                error instanceof TransportError
                  ? error
                  : new TransportError({ reason: "network", sent: "maybe" }),
            }),
        },
        crypto,
        store: tokenStoreCalls(store),
        context: this.#context,
        tracing: noTracing,
      },
      store,
    )
  }

  async #respond(grant: URLSearchParams) {
    const refreshToken = grant.get("refresh_token")
    const presented = refreshToken ?? `code ${grant.get("code")}`
    this.presented.push(presented)
    await this.onRequest(presented)
    if (refreshToken !== null && !this.#valid.delete(refreshToken)) {
      return reply(400, { error: "invalid_grant" })
    }
    const count = ++this.#responses
    const next = this.keepsRefreshToken ? undefined : `R${count}`
    this.#valid.add(next ?? refreshToken ?? "")
    return reply(200, {
      access_token: `A${count}`,
      refresh_token: next,
      expires_in: 3600,
      token_type: "Bearer",
    })
  }

  /** The key of a session in the store. */
  readonly key = (name = "default"): string => storeKey(owner, name)

  async record(): Promise<StoredRecord | undefined> {
    return this.memory.read(this.key())
  }

  /** The refresh token that the store has. */
  async stored(): Promise<string | undefined> {
    const record = await this.record()
    if (record === undefined) return undefined
    return Result.getOrThrow(fromRecord(owner, "default", record)).token.refreshToken
  }

  /** Sets the clock forward at once, in milliseconds: for what no step in between is looked at. */
  skip(milliseconds: number): Promise<void> {
    return this.run(TestClock.adjust(milliseconds))
  }

  /** Lets the time pass, in milliseconds. */
  async elapse(milliseconds: number): Promise<void> {
    await breathe()
    for (let left = milliseconds; left > 0; left -= step) {
      await this.run(TestClock.adjust(Math.min(left, step)))
      await breathe()
    }
  }

  /** Lets the time pass until the promise is settled. */
  async until<A>(promise: Promise<A>): Promise<A> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    await breathe()
    for (let steps = 0; !isSettled; steps++) {
      if (steps > 2400) throw new Error("not settled after two minutes")
      await this.elapse(step)
    }
    return promise
  }

  /** For a store or a server that takes its time, in milliseconds. */
  readonly sleep = (milliseconds: number): Promise<void> => this.run(Effect.sleep(milliseconds))

  /** Runs an effect on the clock of this test. */
  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return Effect.runPromiseWith(this.#context)(effect)
  }
}

export const scene = (name: string, body: (scene: Scene) => Promise<void>): void =>
  test(name, () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const context = yield* Effect.context<never>()
      yield* Effect.promise(() => body(new Scene(context)))
    }).pipe(Effect.provide(TestClock.layer()), Effect.scoped, Effect.runPromise),
  )
