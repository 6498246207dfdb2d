// Writing a new credential, which nobody else has. Time is Effect's test clock.
import { expect, it } from "@effect/vitest"
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

const credential = (sequence: number) =>
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
    login: "login",
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

it.effect("a store that goes back to older credentials without end is not written to without end", () =>
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
