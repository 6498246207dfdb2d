import {
  createTokenClient,
  memoryTokenStore,
  restoreToken,
  rfc6749,
  type Token,
  type TokenStoreAdapter,
} from "@ellipsis-oauth/node"
import type { Peer, PeerClient, PeerSettings } from "./Peer.ts"

/** What was stored last: a session hands out access tokens, and its refresh token to nobody. */
interface ObservedStore extends TokenStoreAdapter {
  last(): Token | undefined
}

const observedStore = (): ObservedStore => {
  const store = memoryTokenStore()
  let last: string | undefined
  return {
    ...store,
    write: (key, record, expected) => {
      last = record.value
      return store.write(key, record, expected)
    },
    remove: (key, expected) => {
      last = undefined
      return store.remove(key, expected)
    },
    last: () => (last === undefined ? undefined : restoreToken(JSON.parse(last).token)),
  }
}

const open = async (settings: PeerSettings, store: ObservedStore): Promise<PeerClient> => {
  const { basic, clientId, clientSecret, origin, redirectUri } = settings
  const client = createTokenClient({
    server: rfc6749({ authorizationEndpoint: `${origin}/authorize`, tokenEndpoint: `${origin}/token` }),
    clientId,
    clientSecret,
    redirectUri,
    clientAuthentication: basic === true ? "basic" : "body",
    store,
  })
  const session = client.session("user")
  let pending = ""
  return {
    authorizationUrl: async () => {
      const { url, transaction } = await client.createAuthorizationRequest()
      pending = transaction
      return url
    },
    complete: async (callbackUrl) => {
      await session.completeAuthorization(callbackUrl, pending)
    },
    getAccessToken: (signal) => session.getAccessToken(signal === undefined ? {} : { signal }),
    refresh: async () => {
      await session.getAccessToken({ force: true })
    },
    held: async () => {
      const { accessToken, expiresAt, refreshToken } = store.last() ?? {}
      return { accessToken, refreshToken, expiresAt }
    },
    fetch: async (url) => (await session.fetch(url)).status,
    share: () => open(settings, store),
    printable: async () => ({
      client: { client, session, state: session.getSnapshot() },
      token: await session.getToken(),
    }),
    close: () => client.close(),
  }
}

export const ellipsisOauth: Peer = {
  name: "@ellipsis-oauth/node",
  keepsTokens: true,
  checksState: true,
  takesSignal: true,
  use: "`createTokenClient` and one session, in memory",
  open: (settings) => open(settings, observedStore()),
}
