import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { restoreTransaction, TokenClient } from "../../src/index.js"
import { succeeded } from "../fixtures.js"
import { rejection, World } from "../sessions.js"
import { servicesOf } from "./world.js"

interface Drawn {
  readonly url: string
  readonly transaction: string
}

const parts = ({ url, transaction }: Drawn) => ({
  method: new URL(url).searchParams.get("code_challenge_method"),
  challenge: new URL(url).searchParams.get("code_challenge"),
  verifier: succeeded(restoreTransaction(transaction)).codeVerifier,
})

const expectS256 = (drawn: Drawn) => {
  const { method, challenge, verifier = "" } = parts(drawn)
  expect(method).toBe("S256")
  expect(verifier).toMatch(/^[\w-]{43}$/)
  expect(challenge).toBe(createHash("sha256").update(verifier).digest("base64url"))
}

describe("a client without the option pkce", () => {
  test("uses S256", async () => {
    const client = new World().client()
    expectS256(await client.createAuthorizationRequest())
    expectS256(await client.createAuthorizationRequest({ scope: "projects", extra: { prompt: "consent" } }))
  })

  test("in an Effect program too", async () => {
    const world = new World()
    const drawn = Effect.gen(function* () {
      const client = yield* TokenClient
      return yield* client.createAuthorizationRequest()
    }).pipe(Effect.provide(TokenClient.layer(world.options())), Effect.provide(servicesOf(world)))
    expectS256(await Effect.runPromise(drawn))
  })

  test("does not let a single request turn it off", async () => {
    const client = new World().client()
    const options = { pkce: "none" } as never
    expect(await rejection(client.createAuthorizationRequest(options))).toMatchObject({
      _tag: "ConfigurationError",
      option: "pkce",
    })
  })
})

test("the option pkce may be plain or none", async () => {
  const plain = parts(await new World().client({ pkce: "plain" }).createAuthorizationRequest())
  expect(plain).toEqual({ method: "plain", challenge: plain.verifier, verifier: plain.verifier })
  expect(plain.verifier).toMatch(/^[\w-]{43}$/)
  const none = parts(await new World().client({ pkce: "none" }).createAuthorizationRequest())
  expect(none).toEqual({ method: null, challenge: null, verifier: undefined })
  expect(() => new World().client({ pkce: "s256" as never })).toThrow(
    expect.objectContaining({ option: "pkce", expected: '"S256" or "plain" or "none"' }),
  )
})
