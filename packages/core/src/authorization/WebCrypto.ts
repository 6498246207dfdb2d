/** Randomness and hashing, passed in by the adapters: `globalThis.crypto` in every runtime that has it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { ConfigurationError } from "../errors.js"

export class WebCrypto extends Context.Service<
  WebCrypto,
  {
    /** Bytes that nobody can guess. */
    readonly randomBytes: (length: number) => Uint8Array
    readonly sha256: (bytes: Uint8Array<ArrayBuffer>) => Effect.Effect<Uint8Array, ConfigurationError>
  }
>()("@ellipsis-oauth/core/WebCrypto") {}

/** The members of the Web Cryptography API that this library uses. */
export interface CryptoLike {
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array
  readonly subtle?: { digest(algorithm: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> }
}

export const fromWebCrypto = (crypto: CryptoLike): WebCrypto["Service"] => ({
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  sha256: (bytes) => {
    const { subtle } = crypto
    // Browsers hide crypto.subtle on plain http: pages.
    if (subtle === undefined) {
      return Effect.fail(
        new ConfigurationError({
          option: "crypto",
          got: "without crypto.subtle",
          expected: "a secure context (https: or localhost), which PKCE with S256 needs",
        }),
      )
    }
    return Effect.promise(async () => new Uint8Array(await subtle.digest("SHA-256", bytes)))
  },
})
