/** Randomness and hashing with the Web Cryptography API, which every runtime has as `globalThis.crypto`. */
import * as Effect from "effect/Effect"
import { ConfigurationError } from "../errors/ConfigurationError.js"

/** The members of the Web Cryptography API that this library uses. */
export interface CryptoLike {
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array
  readonly subtle?: { digest(algorithm: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> }
}

/** What the service `WebCrypto` offers. */
export interface WebCryptoCalls {
  /** Random bytes that cannot be guessed. */
  readonly randomBytes: (length: number) => Uint8Array
  /** Fails with ConfigurationError if the runtime has no `crypto.subtle`. */
  readonly sha256: (text: string) => Effect.Effect<Uint8Array, ConfigurationError>
}

export const fromWebCrypto = (crypto: CryptoLike): WebCryptoCalls => ({
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  sha256: (text) =>
    Effect.suspend(() => {
      const { subtle } = crypto
      // Browsers hide crypto.subtle on plain http: pages.
      if (subtle === undefined) {
        return Effect.fail(
          new ConfigurationError({
            option: "crypto",
            got: "no crypto.subtle",
            expected: "that of a secure context (https: or localhost), which PKCE with S256 needs",
          }),
        )
      }
      const digest = subtle.digest("SHA-256", new TextEncoder().encode(text))
      return Effect.map(
        Effect.promise(() => digest),
        (buffer) => new Uint8Array(buffer),
      )
    }),
})
