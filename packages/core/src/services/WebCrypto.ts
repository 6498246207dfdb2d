/** Randomness and hashing, as an Effect service. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { type CryptoLike, fromWebCrypto, type WebCryptoCalls } from "./fromWebCrypto.js"

/** Random bytes and SHA-256, as an Effect service. */
export class WebCrypto extends Context.Service<WebCrypto, WebCryptoCalls>()(
  "@ellipsis-oauth/core/WebCrypto",
) {
  /** `WebCrypto.layer(globalThis.crypto)` in every runtime. */
  static readonly layer = (crypto: CryptoLike): Layer.Layer<WebCrypto> =>
    Layer.succeed(WebCrypto, fromWebCrypto(crypto))
}
