/** The token client for Node.js: core's, over ky and the platform's Web Crypto. */
import {
  type AuthorizationServer,
  ellipsisDrive,
  fromWebCrypto,
  makeTokenClient,
  type TokenClient,
  type TokenClientOptions,
} from "@ellipsis-oauth/core"
import { type KyTransportOptions, kyTransport } from "./kyTransport.js"

export interface NodeTokenClientOptions extends Omit<TokenClientOptions, "server">, KyTransportOptions {
  /** `ellipsisDrive()`, the hosted service, if left out. */
  readonly server?: AuthorizationServer
}

/**
 * A client for the two calls of the token endpoint. Does nothing until it is called.
 *
 * @throws ConfigurationError for a bad option, at once, with the option's name, what it got and what it takes
 */
export const createTokenClient = (options: NodeTokenClientOptions): TokenClient =>
  makeTokenClient(
    { ...options, server: options.server ?? ellipsisDrive() },
    { transport: kyTransport(options), crypto: fromWebCrypto(globalThis.crypto) },
  )
