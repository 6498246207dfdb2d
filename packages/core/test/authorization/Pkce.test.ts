import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { fromWebCrypto, makeCodeChallenge, makeCodeVerifier, WebCrypto } from "../../src/index.js"
import { cryptoLayer } from "../fixtures.js"

describe("PKCE", () => {
  it.effect("RFC 7636 appendix B", () =>
    Effect.gen(function* () {
      const octets = new Uint8Array([
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214,
        191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
      ])
      const verifier = makeCodeVerifier(() => octets)
      expect(verifier).toBe("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
      const challenge = yield* makeCodeChallenge("S256", verifier)
      expect(challenge).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }).pipe(Effect.provide(cryptoLayer)),
  )

  it.effect("a plain challenge is the verifier, and fits into the provider's 50 characters", () =>
    Effect.gen(function* () {
      const { randomBytes } = yield* WebCrypto
      const verifier = makeCodeVerifier(randomBytes)
      expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(yield* makeCodeChallenge("plain", verifier)).toBe(verifier)
    }).pipe(Effect.provide(cryptoLayer)),
  )

  it.effect("without crypto.subtle, as on a plain http: page, the error says what is needed", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(makeCodeChallenge("S256", "v".repeat(43)))
      expect(Exit.isFailure(exit) && String(exit.cause)).toContain("secure context")
    }).pipe(Effect.provide(Layer.succeed(WebCrypto, fromWebCrypto({ getRandomValues: (array) => array })))),
  )
})
