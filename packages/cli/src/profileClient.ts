/** The client of a profile. */
import {
  createTokenClient,
  ellipsisDrive,
  type TokenClient,
  type TokenStoreAdapter,
} from "@ellipsis-oauth/node"
import type { Profile } from "./Profile.js"

type Registration = Pick<Profile, "clientId" | "baseUrl" | "clientAuthentication">

/** @param clientSecret without it the client can look into the store, and no more, unless it is a public one */
export const openProfileClient = (
  { clientId, baseUrl, clientAuthentication }: Registration,
  store: TokenStoreAdapter,
  clientSecret?: string,
): TokenClient =>
  createTokenClient({
    server: ellipsisDrive({ baseUrl }),
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret, clientAuthentication }),
    store,
    userAgent: "ellipsis-oauth-command",
  })
