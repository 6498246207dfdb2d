/** A peer that is about to log a user in at an endpoint of its own, or has done so. */
import type { Peer, PeerClient } from "../peers/Peer.ts"
import { TokenEndpoint, type TokenEndpointOptions } from "./TokenEndpoint.ts"

export const credentials = {
  clientId: "demo-app",
  clientSecret: "client-secret-5f2a9c71d04e",
  redirectUri: "http://localhost:3000/callback",
}

export interface Login {
  readonly endpoint: TokenEndpoint
  readonly client: PeerClient
  /** The authorization code that the user comes back with. */
  readonly code: string
  /** @param state in place of the one that was sent */
  callbackUrl(state?: string): Promise<string>
  /** The whole login. */
  complete(): Promise<void>
}

interface LoginOptions extends TokenEndpointOptions {
  readonly basic?: boolean
  readonly clientId?: string
  readonly clientSecret?: string
}

/** Of every login of this process. */
const codes: string[] = []
const endpoints: TokenEndpoint[] = []

export const allSecrets = (): Readonly<Record<string, readonly string[]>> => ({
  "client secret": [credentials.clientSecret],
  code: codes,
  "code verifier": endpoints.flatMap(({ verifiers }) => verifiers),
  "access token": endpoints.flatMap(({ accessTokens }) => accessTokens),
  "refresh token": endpoints.flatMap(({ refreshTokens }) => refreshTokens),
})

const begin = async (peer: Peer, options: LoginOptions): Promise<Login> => {
  const { basic, clientId, clientSecret, ...rest } = options
  const endpoint = await new TokenEndpoint(rest).listen()
  const client = await peer.open({
    ...credentials,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(basic === undefined ? {} : { basic }),
    origin: endpoint.origin,
  })
  const code = `code-${crypto.randomUUID()}`
  codes.push(code)
  endpoints.push(endpoint)
  let url: string | undefined
  const callbackUrl = async (state?: string): Promise<string> => {
    url ??= await client.authorizationUrl()
    const callback = new URL(credentials.redirectUri)
    callback.searchParams.set("code", code)
    callback.searchParams.set("state", state ?? new URL(url).searchParams.get("state") ?? "")
    return callback.href
  }
  return {
    endpoint,
    client,
    code,
    callbackUrl,
    complete: async () => client.complete(await callbackUrl()),
  }
}

/** Before the code is exchanged. */
export const withCode = async <A>(
  peer: Peer,
  use: (login: Login) => Promise<A>,
  options: LoginOptions = {},
): Promise<A> => {
  const login = await begin(peer, options)
  try {
    return await use(login)
  } finally {
    // Where the endpoint hangs it would wait.
    login.endpoint.close()
    await login.client.close().catch(() => {})
  }
}

/** Logged in, with nothing seen yet. */
export const withLogin = <A>(
  peer: Peer,
  use: (login: Login) => Promise<A>,
  options: LoginOptions = {},
): Promise<A> =>
  withCode(
    peer,
    async (login) => {
      await login.complete()
      login.endpoint.requests.length = 0
      return use(login)
    },
    options,
  )
