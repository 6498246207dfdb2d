/** Creates the client of a profile. */
import {
  createTokenClient,
  ellipsisDrive,
  type TokenClient,
  type TokenEvent,
  type TokenStoreAdapter,
} from "@ellipsis-oauth/node"
import type { Profile } from "./Profile.js"
import { proxyFetch } from "./proxy.js"

type Registration = Pick<Profile, "clientId" | "baseUrl" | "clientAuthentication">

/** @param clientSecret if left out, the client can only read the store, unless it is a public client */
export const openProfileClient = (
  { clientId, baseUrl, clientAuthentication }: Registration,
  store: TokenStoreAdapter,
  clientSecret?: string,
  onEvent?: (event: TokenEvent) => void,
): TokenClient =>
  createTokenClient({
    server: ellipsisDrive({ baseUrl }),
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret, clientAuthentication }),
    store,
    userAgent: "ellipsis-oauth-command",
    fetch: proxyFetch(process.env),
    onEvent,
  })

/** The base URL of a client, without a slash at the end. */
export const baseUrlOf = ({ endpoint }: TokenClient): string =>
  endpoint.server.tokenEndpoint.replace(/\/oauth\/token$/, "")
