import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { ClientCore, checkTokenClientOptions } from "../../src/client/ClientCore.js"
import { makeTokenSession } from "../../src/client/TokenSession.js"
import { type TokenState, TokenStore, Transport, WebCrypto } from "../../src/index.js"
import { effectTracing } from "../../src/services/effectTracing.js"
import { World } from "../sessions.js"
import { servicesOf } from "./world.js"

/** A session for Effect programs, with the engine behind it. */
const openSession = Effect.fnUntraced(function* (world: World) {
  yield* TestClock.setTime(world.now())
  const services = {
    transport: yield* Transport,
    crypto: yield* WebCrypto,
    store: yield* TokenStore,
    context: yield* Effect.context<never>(),
    tracing: effectTracing,
  }
  const core = new ClientCore(
    checkTokenClientOptions(world.options()),
    services,
    yield* Effect.scope,
    (engine) => ({ engine, session: makeTokenSession(engine) }),
  )
  return { core, ...core.session(["ada"]) }
})

const told = (state: TokenState) =>
  "refresh" in state ? `${state.status} ${state.refresh.phase}` : state.status

it.effect("changes emits the state and each later one, in order", () => {
  const world = new World()
  return Effect.gen(function* () {
    const { core, session } = yield* openSession(world)
    const states = yield* Queue.unbounded<string>()
    const next = Queue.take(states)
    yield* Effect.forkChild(Stream.runForEach(session.changes, (state) => Queue.offer(states, told(state))))
    expect(yield* next).toBe("restoring")
    yield* session.restore
    expect(yield* next).toBe("signedOut")

    const login = world.server.faults.hold(1)
    const { url, transaction } = yield* core.createAuthorizationRequest()
    const redirect = yield* Effect.promise(() => world.server.fetch(url, { redirect: "manual" }))
    const callbackUrl = redirect.headers.get("location") ?? ""
    yield* Effect.forkChild(session.completeAuthorization(callbackUrl, transaction))
    expect(yield* next).toBe("exchanging")
    login.release()
    expect(yield* next).toBe("ready idle")

    const refresh = world.server.faults.hold(1)
    yield* Effect.forkChild(session.getAccessToken({ force: true }))
    expect(yield* next).toBe("ready refreshing")
    refresh.release()
    expect(yield* next).toBe("ready idle")

    yield* session.signOut
    expect(yield* next).toBe("signedOut")
    expect(yield* session.state).toEqual({ status: "signedOut", reason: "logout" })
  }).pipe(Effect.provide(servicesOf(world)))
})

it.effect("a slow reader of changes gets the newest state", () => {
  const world = new World()
  return Effect.gen(function* () {
    const { session } = yield* openSession(world)
    const states = yield* Queue.bounded<string>(1)
    const reader = Stream.runForEach(session.changes, (state) => Queue.offer(states, told(state)))
    yield* Effect.forkChild(reader, { startImmediately: true })
    expect(yield* Queue.take(states)).toBe("restoring")
    yield* session.importToken({ accessToken: "a", refreshToken: "r" })
    yield* session.signOut
    yield* Effect.yieldNow
    const read: string[] = []
    while (read.at(-1) !== "signedOut") read.push(yield* Queue.take(states))
    expect(read.length).toBeLessThanOrEqual(2)
  }).pipe(Effect.provide(servicesOf(world)))
})

it.effect("its subscription ends with the scope that reads it", () => {
  const world = new World()
  return Effect.gen(function* () {
    const { engine, session } = yield* openSession(world)
    expect(engine.isIdle).toBe(true)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const pull = yield* Stream.toPull(session.changes)
        yield* pull
        expect(engine.isIdle).toBe(false)
      }),
    )
    expect(engine.isIdle).toBe(true)

    yield* Stream.runHead(session.changes)
    expect(engine.isIdle).toBe(true)

    const reader = yield* Effect.forkChild(Stream.runDrain(session.changes), { startImmediately: true })
    yield* Effect.yieldNow
    expect(engine.isIdle).toBe(false)
    yield* Fiber.interrupt(reader)
    expect(engine.isIdle).toBe(true)
  }).pipe(Effect.provide(servicesOf(world)))
})
