/** Randomness and hashing by the Web Cryptography API, which every runtime has as `globalThis.crypto`. */
import { ConfigurationError } from "../errors.js"
import type { PlatformCrypto } from "./Platform.js"

/** The members of the Web Cryptography API that this library uses. */
export interface CryptoLike {
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array
  readonly subtle?: { digest(algorithm: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> }
}

/** `sha256` rejects with a ConfigurationError where there is no `crypto.subtle`. */
export const webCrypto = (crypto: CryptoLike): PlatformCrypto => ({
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  sha256: async (bytes) => {
    const { subtle } = crypto
    // Browsers hide crypto.subtle on plain http: pages.
    if (subtle === undefined) {
      throw new ConfigurationError({
        option: "crypto",
        got: "without crypto.subtle",
        expected: "a secure context (https: or localhost), which PKCE with S256 needs",
      })
    }
    return new Uint8Array(await subtle.digest("SHA-256", bytes))
  },
})
