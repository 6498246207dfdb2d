import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { memoryTokenStore } from "../../src/index.js"
import { tokenStoreCalls } from "../../src/services/TokenStoreCalls.js"
import { type CredentialStore, credentialStore } from "../../src/session/CredentialStore.js"
import { withLease } from "../../src/session/withLease.js"

const owner = { clientId: "app", tokenEndpoint: "https://as.example/token" }

const request = (store: CredentialStore) => ({
  store,
  owner: "me",
  duration: 3000,
  maxWait: 1000,
  keepLeaseIf: () => false,
  onWaited: () => {},
  onWaiting: () => {},
  checkBeforeEachAttempt: Effect.undefined,
})

/** Lets promises run, in real time. */
const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

it.effect("a lease that is being prolonged when the work ends is free in the end", () =>
  Effect.gen(function* () {
    const memory = memoryTokenStore({ now: () => 0 })
    const calls: string[] = []
    let answer = () => {}
    const store = credentialStore(
      tokenStoreCalls({
        ...memory,
        lease: async (...call) => {
          calls.push("lease")
          if (calls.length === 2) {
            await new Promise<void>((resolve) => {
              answer = resolve
            })
          }
          return memory.lease(...call)
        },
        release: async (...call) => {
          calls.push("release")
          return memory.release(...call)
        },
      }),
      owner,
      "ada",
    )
    const work = Effect.gen(function* () {
      yield* TestClock.adjust(1000)
      return "done"
    })
    expect(yield* withLease(request(store), () => work)).toBe("done")
    expect(calls).toEqual(["lease", "lease", "release"])
    // The store grants it now, to a holder that is gone.
    answer()
    yield* breathe
    expect(calls).toEqual(["lease", "lease", "release", "release"])
    const other = credentialStore(tokenStoreCalls(memory), owner, "ada")
    expect(yield* other.lease("another", 1000)).toMatchObject({ acquired: true })
  }),
)

it.effect("a hold that is longer than its lease is still one's own, since it is prolonged", () =>
  Effect.gen(function* () {
    const now = yield* Effect.clockWith((clock) => Effect.succeed(() => clock.currentTimeMillisUnsafe()))
    const store = credentialStore(tokenStoreCalls(memoryTokenStore({ now })), owner, "ada")
    const held: boolean[] = []
    yield* withLease(request(store), (isHeld) =>
      Effect.gen(function* () {
        for (let second = 0; second < 10; second++) {
          yield* TestClock.adjust(1000)
          held.push(isHeld())
          expect(yield* store.lease("another", 1000)).toMatchObject({ acquired: false })
        }
        return "done"
      }),
    )
    expect(held).toEqual(Array(10).fill(true))
  }),
)
