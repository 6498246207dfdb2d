/** The token client for Node.js: core's, over ky and the platform's Web Crypto. */
import {
  type AuthorizationServer,
  ConfigurationError,
  ellipsisDrive,
  fromWebCrypto,
  makeTokenClient,
  memoryTokenStore,
  type TokenClient,
  type TokenClientOptions,
  type TokenClientServices,
  type TokenStoreAdapter,
} from "@ellipsis-oauth/core"
import { type KyTransportOptions, kyTransport } from "./kyTransport.js"
import { NodeTokenSession } from "./NodeTokenSession.js"

export interface NodeTokenClientOptions
  extends Omit<TokenClientOptions, "server">,
    Pick<TokenClientServices, "now" | "tracer">,
    KyTransportOptions {
  /** `ellipsisDrive()`, the hosted service, if left out. */
  readonly server?: AuthorizationServer
  /** Where sessions keep their tokens; in memory if left out. */
  readonly store?: TokenStoreAdapter
}

/** A client whose sessions call APIs too. */
export type NodeTokenClient = TokenClient<NodeTokenSession>

/**
 * A client for the two calls of the token endpoint, and its sessions. Does nothing until it is called.
 *
 * @throws ConfigurationError for a bad option, at once, with the option's name, what it got and what it takes
 */
export const createTokenClient = (options: NodeTokenClientOptions): NodeTokenClient => {
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError({
      option: "options",
      got: String(options),
      expected: "an object with at least a clientId",
    })
  }
  return makeTokenClient(
    { ...options, server: options.server ?? ellipsisDrive() },
    {
      transport: kyTransport(options),
      crypto: fromWebCrypto(globalThis.crypto),
      store: options.store ?? memoryTokenStore(options.now === undefined ? {} : { now: options.now }),
      now: options.now,
      tracer: options.tracer,
    },
    NodeTokenSession,
  )
}
