/** The libraries that run on Node.js. */
import { badgateway } from "./badgateway.ts"
import { ellipsisOauth } from "./ellipsisOauth.ts"
import { googleAuthLibrary } from "./googleAuthLibrary.ts"
import { oauth4webapi } from "./oauth4webapi.ts"
import { oidcClientTs } from "./oidcClientTs.ts"
import { openidClient } from "./openidClient.ts"
import type { Peer } from "./Peer.ts"
import { simpleOauth2 } from "./simpleOauth2.ts"

export const peers: readonly Peer[] = [
  ellipsisOauth,
  oauth4webapi,
  openidClient,
  simpleOauth2,
  badgateway,
  googleAuthLibrary,
  oidcClientTs,
]
