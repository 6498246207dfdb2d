/** The services that a `TokenClient` needs besides a store, as layers for Node.js. */
import { type ConfigurationError, Transport, WebCrypto } from "@ellipsis-oauth/core"
import type * as Layer from "effect/Layer"
import { type KyTransportOptions, kyTransport } from "../transport/kyTransport.js"

/** The transport over ky. */
export const kyTransportLayer = (options?: KyTransportOptions): Layer.Layer<Transport, ConfigurationError> =>
  Transport.fromPromise(() => kyTransport(options))

/** Node's Web Crypto. */
export const nodeCryptoLayer: Layer.Layer<WebCrypto> = WebCrypto.layer(globalThis.crypto)
