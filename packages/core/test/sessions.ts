// Sessions against the real mock server, in process, on one clock.
import { webcrypto } from "node:crypto"
import { createMockServer, type MockServer, type MockServerOptions } from "@ellipsis-oauth/mock-server"
import * as Effect from "effect/Effect"
import type { Transport } from "../src/index.js"
import {
  ellipsisDrive,
  type HttpRequest,
  type HttpResponse,
  makeTokenClient,
  memoryTokenStore,
  type PromiseTokenClient,
  type PromiseTokenSession,
  type PromiseTransport,
  storeKey,
  type TokenClientOptions,
  type TokenEvent,
  type TokenStoreAdapter,
  TransportError,
} from "../src/promise/index.js"

const redirectUri = "http://localhost:3000/callback"

/** Straight into the mock server. */
const sendTo =
  (server: MockServer) =>
  async ({ url, method, headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> => {
    const response = await server.fetch(url, { method, headers, body, signal })
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    }
  }

export const transportTo = (server: MockServer): Transport["Service"] => ({
  send: (request) =>
    Effect.tryPromise({
      try: (signal) => sendTo(server)(request, signal),
      catch: () => new TransportError({ reason: "network", sent: "maybe" }),
    }),
})

/** A provider, a store and a clock that are shared by as many clients as a test needs. */
export class World {
  readonly server: MockServer
  readonly store: TokenStoreAdapter
  readonly events: TokenEvent[] = []
  readonly now = () => this.server.clock.now()

  constructor(options: MockServerOptions & { readonly store?: TokenStoreAdapter } = {}) {
    const { store, ...mock } = options
    this.server = createMockServer({ rotation: "always", now: 1_800_000_000_000, ...mock })
    this.store = store ?? memoryTokenStore({ now: this.now })
  }

  /** Sends one request to the provider. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    return sendTo(this.server)(request, signal)
  }

  options(): TokenClientOptions {
    return {
      server: ellipsisDrive({ baseUrl: this.server.url }),
      clientId: "demo-app",
      clientSecret: "demo-secret",
      redirectUri,
      timeout: 2000,
      deadline: 2000,
      onEvent: (event) => this.events.push(event),
    }
  }

  /** The key of a session in the store. */
  key(name: string): string {
    return storeKey({ clientId: "demo-app", tokenEndpoint: `${this.server.url}/oauth/token` }, name)
  }

  /** A client without a secret, over another transport. */
  publicClient(transport: PromiseTransport, options: Partial<TokenClientOptions> = {}): PromiseTokenClient {
    const { clientSecret: _, ...known } = this.options()
    const { store, now } = this
    return makeTokenClient(
      { ...known, clientId: "demo-spa", ...options },
      { transport, crypto: webcrypto as never, store, now },
    )
  }

  client(options: Partial<TokenClientOptions> = {}, store = this.store): PromiseTokenClient {
    return makeTokenClient(
      { ...this.options(), ...options },
      { transport: sendTo(this.server), crypto: webcrypto as never, store, now: this.now },
    )
  }

  /** Logs in, and gives the access token. */
  async login(
    client: Pick<PromiseTokenClient, "createAuthorizationRequest">,
    session: Pick<PromiseTokenSession, "completeAuthorization">,
  ): Promise<string> {
    const { url, transaction } = await client.createAuthorizationRequest()
    const response = await this.server.fetch(url, { redirect: "manual" })
    const token = await session.completeAuthorization(response.headers.get("location") ?? "", transaction)
    return token.accessToken
  }

  /** The requests to the token endpoint that carried a refresh token. */
  refreshes(): number {
    return this.server.log.filter(({ grantType }) => grantType === "refresh_token").length
  }

  async loggedIn(options: Partial<TokenClientOptions> = {}, key?: string) {
    const client = this.client(options)
    const session = key === undefined ? client.session() : client.session(key)
    const accessToken = await this.login(client, session)
    this.events.length = 0
    return { client, session, accessToken }
  }
}

export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("the promise did not reject")
}
