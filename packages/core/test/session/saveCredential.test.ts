// Writing a new credential, which nobody else has. Time is Effect's test clock.
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { memoryTokenStore, Token, TokenStoreError } from "../../src/index.js"
import { tokenStoreCalls } from "../../src/services/TokenStoreCalls.js"
import { Credential } from "../../src/session/Credential.js"
import { credentialStore } from "../../src/session/CredentialStore.js"
import { saveCredential } from "../../src/session/saveCredential.js"

const store = () =>
  credentialStore(
    tokenStoreCalls(memoryTokenStore()),
    { clientId: "app", tokenEndpoint: "https://example.test/token" },
    "ada",
  )

const credential = (sequence: number, login = "login") =>
  new Credential({
    token: new Token({
      accessToken: `access-${sequence}`,
      refreshToken: `refresh-${sequence}`,
      tokenType: "Bearer",
      scope: [],
      issuedAt: 1_800_000_000_000,
      extra: {},
    }),
    version: `version-${sequence}`,
    login,
    sequence,
  })

it.effect(
  "a write that fails after the process was stopped for longer than its budget is tried once more",
  () =>
    Effect.gen(function* () {
      const inner = store()
      let writes = 0
      const broken = Effect.andThen(
        Effect.sleep("1 minute"),
        Effect.fail(new TokenStoreError({ reason: "unavailable", key: "ada", detail: "ECONNRESET" })),
      )
      const stopped = {
        ...inner,
        write: (...request: Parameters<typeof inner.write>) =>
          ++writes === 1 ? broken : inner.write(...request),
      }
      const request = { credential: credential(1), ifVersion: null, budget: 15_000 }
      const fiber = yield* Effect.forkChild(saveCredential(stopped, request), { startImmediately: true })
      yield* TestClock.adjust("1 minute")
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(fiber)).toEqual({ saved: true })
      expect((yield* inner.read)?.version).toBe("version-1")
    }),
)

it.effect("a store that keeps going back to older credentials is not written to for ever", () =>
  Effect.gen(function* () {
    let writes = 0
    const older = credential(1)
    const backwards = {
      ...store(),
      write: () => Effect.sync(() => ++writes < 0),
      read: Effect.succeed(older),
    }
    const request = { credential: credential(2), ifVersion: "version-0", budget: 15_000 }
    expect(yield* saveCredential(backwards, request)).toMatchObject({
      saved: false,
      error: { _tag: "TokenStoreError", reason: "unavailable" },
    })
    expect(writes).toBe(3)
  }),
)

const unavailable = Effect.fail(
  new TokenStoreError({ reason: "unavailable", key: "ada", detail: "ECONNRESET" }),
)

/** A write that is done, and whose result is lost. */
const losingAnswers = (inner: ReturnType<typeof store>) => {
  let writes = 0
  return {
    ...inner,
    write: (...request: Parameters<typeof inner.write>) =>
      ++writes === 1 ? Effect.andThen(inner.write(...request), unavailable) : inner.write(...request),
  }
}

describe.each([
  ["a refresh", "version-1"],
  ["a login", undefined],
] as const)("%s whose write was done although it failed", (_, ifVersion) => {
  it.effect("is saved", () =>
    Effect.gen(function* () {
      const inner = store()
      yield* inner.write(credential(1), undefined)
      const request = { credential: credential(2), ifVersion, budget: 15_000 }
      const saving = saveCredential(losingAnswers(inner), request)
      const fiber = yield* Effect.forkChild(saving, { startImmediately: true })
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(fiber)).toEqual({ saved: true })
      expect((yield* inner.read)?.version).toBe("version-2")
    }),
  )
})

it.effect("a login replaces a damaged record, also if the first write fails", () =>
  Effect.gen(function* () {
    const inner = store()
    let writes = 0
    const damaged = {
      ...inner,
      read: Effect.fail(new TokenStoreError({ reason: "corrupt", key: "ada" })),
      write: (...request: Parameters<typeof inner.write>) =>
        ++writes === 1 ? unavailable : inner.write(...request),
    }
    const request = { credential: credential(2), ifVersion: undefined, budget: 15_000 }
    const fiber = yield* Effect.forkChild(saveCredential(damaged, request), { startImmediately: true })
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(fiber)).toEqual({ saved: true })
    expect((yield* inner.read)?.version).toBe("version-2")
  }),
)

it.effect("a store that cannot be read after a failed write is retried, and then the error is returned", () =>
  Effect.gen(function* () {
    let reads = 0
    const broken = {
      ...store(),
      write: () => unavailable,
      read: Effect.suspend(() => {
        reads++
        return unavailable
      }),
    }
    const request = { credential: credential(2), ifVersion: undefined, budget: 1000 }
    const fiber = yield* Effect.forkChild(saveCredential(broken, request), { startImmediately: true })
    yield* TestClock.adjust("2 seconds")
    expect(yield* Fiber.join(fiber)).toMatchObject({ saved: false, error: { reason: "unavailable" } })
    expect(reads).toBeGreaterThan(1)
  }),
)

it.effect("a store that can never take the credential is asked once", () =>
  Effect.gen(function* () {
    let writes = 0
    const unusable = {
      ...store(),
      write: () => {
        writes++
        return Effect.fail(new TokenStoreError({ reason: "unusable", key: "ada", detail: "no such table" }))
      },
    }
    const request = { credential: credential(2), ifVersion: null, budget: 15_000 }
    expect(yield* saveCredential(unusable, request)).toMatchObject({
      saved: false,
      error: { reason: "unusable" },
    })
    expect(writes).toBe(1)
  }),
)

it.effect.each([
  ["replaces", false, { saved: true }],
  ["is late and gives way to", true, { saved: false, found: { version: "version-9" } }],
] as const)("a login whose first write fails %s a login with a later time", ([, isLate, result]) =>
  Effect.gen(function* () {
    const inner = store()
    yield* inner.write(credential(9, "another"), undefined)
    let writes = 0
    const broken = {
      ...inner,
      write: (...request: Parameters<typeof inner.write>) =>
        ++writes === 1 ? unavailable : inner.write(...request),
    }
    const request = {
      credential: credential(2),
      ifVersion: undefined,
      budget: 15_000,
      ...(isLate ? { isLate } : {}),
    }
    const fiber = yield* Effect.forkChild(saveCredential(broken, request), { startImmediately: true })
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(fiber)).toMatchObject(result)
  }),
)

it.effect("a login replaces any other, also one that comes while it is written", () =>
  Effect.gen(function* () {
    const inner = store()
    yield* inner.write(credential(1), undefined)
    let writes = 0
    const raced = {
      ...inner,
      write: (...[next, expected]: Parameters<typeof inner.write>) =>
        ++writes === 1 ? Effect.succeed(false) : inner.write(next, expected),
    }
    const other = new Credential({ ...credential(2), login: "other" })
    expect(yield* saveCredential(raced, { credential: other, ifVersion: undefined, budget: 1000 })).toEqual({
      saved: true,
    })
    expect(writes).toBe(2)
    expect((yield* inner.read)?.login).toBe("other")
  }),
)

it.effect("a newer token of the same login is found, and not replaced", () =>
  Effect.gen(function* () {
    const inner = store()
    yield* inner.write(credential(2), undefined)
    const refused = { ...inner, write: () => Effect.succeed(false) }
    const request = { credential: credential(1), ifVersion: undefined, budget: 1000 }
    expect(yield* saveCredential(refused, request)).toMatchObject({
      saved: false,
      found: { version: "version-2" },
    })
  }),
)
