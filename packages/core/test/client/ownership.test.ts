// A refresh belongs to the client's scope: no way of leaving a program loses a token that the server has rotated.
import { expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { describe } from "vitest"
import { TokenClient } from "../../src/index.js"
import { World } from "../sessions.js"
import { closableStore, type Gate, logIn, servicesOf, storedToken } from "./world.js"

const points = ["before the grant", "after the rotation", "while the store writes"] as const

/** Where a refresh is stopped: at the provider before and after it has rotated the token, and at the store. */
const stopAt = (world: World, point: (typeof points)[number]) => {
  const { store, gate } = closableStore(world, point === "while the store writes")
  const stops: Record<typeof point, () => Gate> = {
    "before the grant": () => world.server.faults.hold(1, { at: "beforeGrant" }),
    "after the rotation": () => world.server.faults.hold(1, { at: "afterCommit" }),
    "while the store writes": () => gate,
  }
  return { store, gate: stops[point]() }
}

interface Situation {
  readonly world: World
  readonly services: ReturnType<typeof servicesOf>
  readonly gate: Gate
}

const refresh = Effect.fnUntraced(function* (client: TokenClient["Service"]) {
  const session = yield* client.session("ada")
  expect(yield* session.restore).toMatchObject({ status: "ready" })
  return yield* session.getAccessToken({ force: true })
})

/** A program with a client in a scope of its own. */
const scopedProgram = <A>(
  { world, services }: Situation,
  leave: (refreshing: Effect.Effect<string, unknown>) => Effect.Effect<A>,
) =>
  Effect.scoped(Effect.flatMap(TokenClient.make(world.options()), (client) => leave(refresh(client)))).pipe(
    Effect.provide(services),
  )

/** Runs what ends while the refresh is stopped, and proves that it waits for the refresh. */
const endsWithRefresh = Effect.fnUntraced(function* <A, E>({ gate }: Situation, ending: Effect.Effect<A, E>) {
  const fiber = yield* Effect.forkChild(ending, { startImmediately: true })
  yield* turns
  expect(fiber.pollUnsafe()).toBeUndefined()
  gate.release()
  return yield* Fiber.join(fiber)
})

/** Enough turns of the event loop for whatever does not wait for the refresh. */
const turns = Effect.forEach(
  Array.from({ length: 20 }),
  () => Effect.promise(() => new Promise((resolve) => setImmediate(resolve))),
  { discard: true },
)

/** Waits until the refresh is stopped. A program that ends before fails the test at once. */
const stopped = ({ gate }: Situation, program: Fiber.Fiber<unknown, unknown>) =>
  Effect.raceFirst(
    Effect.promise(() => gate.full),
    Effect.flatMap(Fiber.await(program), (exit) => Effect.die(exit)),
  )

const ways: Record<string, (situation: Situation) => Effect.Effect<unknown, unknown>> = {
  "timed out": Effect.fnUntraced(function* (situation) {
    const left = yield* Deferred.make<Option.Option<string>>()
    const program = scopedProgram(situation, (refreshing) =>
      Effect.flatMap(Effect.orDie(Effect.timeoutOption(refreshing, "300 millis")), (result) =>
        Deferred.succeed(left, result),
      ),
    )
    const fiber = yield* Effect.forkChild(program)
    yield* stopped(situation, fiber)
    yield* TestClock.adjust("300 millis")
    expect(yield* Deferred.await(left)).toEqual(Option.none())
    yield* endsWithRefresh(situation, Fiber.join(fiber))
  }),
  "lost a race": Effect.fnUntraced(function* (situation) {
    const winner = yield* Deferred.make<string>()
    const left = yield* Deferred.make<string>()
    const program = scopedProgram(situation, (refreshing) =>
      Effect.flatMap(Effect.orDie(Effect.race(refreshing, Deferred.await(winner))), (result) =>
        Deferred.succeed(left, result),
      ),
    )
    const fiber = yield* Effect.forkChild(program)
    yield* stopped(situation, fiber)
    yield* Deferred.succeed(winner, "another token")
    expect(yield* Deferred.await(left)).toBe("another token")
    yield* endsWithRefresh(situation, Fiber.join(fiber))
  }),
  interrupted: Effect.fnUntraced(function* (situation) {
    const fiber = yield* Effect.forkChild(scopedProgram(situation, Effect.orDie))
    yield* stopped(situation, fiber)
    yield* endsWithRefresh(situation, Fiber.interrupt(fiber))
  }),
  "left by a scope that closes": Effect.fnUntraced(function* (situation) {
    const scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(situation.services, scope)
    const client = yield* TokenClient.make(situation.world.options()).pipe(
      Effect.provideContext(services),
      Scope.provide(scope),
    )
    const caller = yield* Effect.forkChild(Effect.exit(refresh(client)))
    yield* stopped(situation, caller)
    yield* endsWithRefresh(situation, Scope.close(scope, Exit.void))
    // Who still waits gets the token.
    expect(yield* Fiber.join(caller)).toMatchObject({ _tag: "Success" })
  }),
  "disposed with its runtime": Effect.fnUntraced(function* (situation) {
    const { world, services } = situation
    const clock = Layer.succeed(Clock.Clock, yield* Clock.Clock)
    const runtime = ManagedRuntime.make(
      TokenClient.layer(world.options()).pipe(Layer.provide([services, clock])),
    )
    const caller = runtime.runFork(Effect.flatMap(TokenClient, refresh))
    yield* stopped(situation, caller)
    yield* endsWithRefresh(situation, runtime.disposeEffect)
  }),
}

describe.each(points)("a refresh that is stopped %s", (point) => {
  it.effect.each(Object.keys(ways))("is finished and stored, its caller %s", (way) =>
    Effect.gen(function* () {
      const world = new World()
      yield* TestClock.setTime(world.now())
      yield* logIn(world, "ada")
      const before = yield* storedToken(world, "ada")
      const { store, gate } = stopAt(world, point)
      yield* (ways[way] ?? Effect.die)({ world, services: servicesOf(world, store), gate })

      const after = yield* storedToken(world, "ada")
      expect(after.refreshToken).not.toBe(before.refreshToken)
      expect(world.refreshes()).toBe(1)
      // Another process: nobody is signed out, and the rotated refresh token works.
      const next = yield* Effect.scoped(Effect.flatMap(TokenClient.make(world.options()), refresh)).pipe(
        Effect.provide(servicesOf(world)),
      )
      expect(next).not.toBe(after.accessToken)
      expect(world.refreshes()).toBe(2)
      expect(world.server.families[0]?.revokedAt).toBeUndefined()
    }),
  )
})
