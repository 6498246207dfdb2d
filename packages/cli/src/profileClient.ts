/** The client of a profile. */
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

/** @param clientSecret without it the client can look into the store, and no more, unless it is a public one */
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

/** As the client writes it, without a slash at its end. */
export const baseUrlOf = ({ endpoint }: TokenClient): string =>
  endpoint.server.tokenEndpoint.replace(/\/oauth\/token$/, "")
