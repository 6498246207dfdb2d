/** The services that an Effect program brings: transport, cryptography, store. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { ConfigurationError, TransportError } from "../errors.js"
import { type CryptoLike, webCrypto } from "../platform/webCrypto.js"
import type { TokenStoreAdapter } from "../store/TokenStore.js"
import type { HttpRequest, HttpResponse } from "../token/HttpMessage.js"
import { fromPromise } from "./fromPromise.js"

/**
 * A transport must not follow redirects (it returns them as replies with their status), must not retry, and must
 * stop when its effect is interrupted. Its error tells whether the server can have seen the request.
 */
export class Transport extends Context.Service<
  Transport,
  { readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, TransportError> }
>()("@ellipsis-oauth/core/Transport") {}

/** Randomness and hashing: `fromWebCrypto(globalThis.crypto)` in every runtime. */
export class WebCrypto extends Context.Service<
  WebCrypto,
  {
    /** Bytes that nobody can guess. */
    readonly randomBytes: (length: number) => Uint8Array
    readonly sha256: (bytes: Uint8Array<ArrayBuffer>) => Effect.Effect<Uint8Array, ConfigurationError>
  }
>()("@ellipsis-oauth/core/WebCrypto") {}

export const fromWebCrypto = (crypto: CryptoLike): WebCrypto["Service"] => {
  const { randomBytes, sha256 } = webCrypto(crypto)
  return { randomBytes, sha256: (bytes) => fromPromise(() => sha256(bytes)) }
}

export class TokenStore extends Context.Service<TokenStore, TokenStoreAdapter>()(
  "@ellipsis-oauth/core/TokenStore",
) {}
