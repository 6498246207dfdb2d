/** What the engine takes from outside: time, randomness, transport, the store, and somebody who watches. */
import type { StorePlatform } from "../store/callStore.js"
import type { TokenRequestPlatform } from "../token/TokenRequestPlatform.js"

export interface Platform extends TokenRequestPlatform, StorePlatform {
  readonly crypto: PlatformCrypto
}

export interface PlatformCrypto {
  /** Bytes that nobody can guess. */
  randomBytes(length: number): Uint8Array
  sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}
