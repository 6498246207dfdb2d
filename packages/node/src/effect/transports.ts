/** The services that a `TokenClient` needs besides a store, as layers for Node.js. */
import { ConfigurationError, fromPromiseTransport, Transport, WebCrypto } from "@ellipsis-oauth/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type KyTransportOptions, kyTransport } from "../transport/kyTransport.js"

/** The transport over ky. */
export const kyTransportLayer = (options?: KyTransportOptions): Layer.Layer<Transport, ConfigurationError> =>
  Layer.effect(
    Transport,
    Effect.try({
      try: () => fromPromiseTransport(kyTransport(options)),
      catch: (error) => {
        if (error instanceof ConfigurationError) return error
        throw error
      },
    }),
  )

/** Node's Web Crypto. */
export const nodeCryptoLayer: Layer.Layer<WebCrypto> = WebCrypto.layer(globalThis.crypto)
