/** A provider on a socket, with everybody who presents tokens to it. */
import { randomUUID } from "node:crypto"
import { storeKey } from "@ellipsis-oauth/core/promise"
import type { MockServer, MockServerOptions } from "@ellipsis-oauth/mock-server"
import { expect, onTestFinished } from "vitest"
import {
  createTokenClient,
  ellipsisDrive,
  restoreToken,
  type Token,
  type TokenClient,
  type TokenClientOptions,
  type TokenEvent,
  type TokenStoreAdapter,
} from "../../src/index.js"
import { approve, confidential, listening } from "../fixtures.js"
import type { Location } from "./location.js"
import { Presentations } from "./presentations.js"
import type { Call } from "./protocol.js"
import { Worker } from "./Worker.js"

export class World {
  readonly server: MockServer
  readonly presentations = new Presentations()
  readonly events: TokenEvent[] = []
  /** The tests of a suite share its database, each under keys of its own. */
  readonly key = `ada-${randomUUID()}`
  readonly #firstRefreshTokens = new Map<string, string>()

  private constructor(server: MockServer) {
    this.server = server
  }

  static async open(options: MockServerOptions = {}): Promise<World> {
    return new World(await listening({ rotation: "always", ...options }))
  }

  /** A client of this process. */
  client(store: TokenStoreAdapter, options: Partial<TokenClientOptions> = {}): TokenClient {
    const client = createTokenClient({
      server: ellipsisDrive({ baseUrl: this.server.url }),
      ...confidential,
      store,
      deadline: 10_000,
      now: () => this.server.clock.now(),
      fetch: this.presentations.fetch,
      onEvent: (event) => this.events.push(event),
      ...options,
    })
    onTestFinished(() => client.close())
    return client
  }

  /** Logs in, and gives the access token. */
  async login(client: TokenClient, key = this.key): Promise<string> {
    const { url, transaction } = await client.createAuthorizationRequest()
    const session = client.session(key)
    const token = await session.completeAuthorization(await approve(this.server, url), transaction)
    this.#firstRefreshTokens.set(key, token.refreshToken ?? "")
    return token.accessToken
  }

  /** A process of its own. A lease outlives a request, and these tests wait until it has run out: so requests are short. */
  start(location: Location, deadline = 10_000, timeout = deadline): Promise<Worker> {
    return Worker.start({ baseUrl: this.server.url, location, deadline, timeout }, this.presentations)
  }

  get call(): Call {
    return { key: this.key, callers: 1, force: false, offset: this.offset }
  }

  get offset(): number {
    return this.server.clock.now() - Date.now()
  }

  /** Every access token that there is expires. */
  expire(): void {
    this.server.clock.advance("2 hours")
  }

  /** How many requests to the token endpoint carried a refresh token. */
  get refreshes(): number {
    return this.server.log.filter(({ grantType }) => grantType === "refresh_token").length
  }

  /** The key of a session in the store. */
  storeKey(key = this.key): string {
    return storeKey({ clientId: "demo-app", tokenEndpoint: `${this.server.url}/oauth/token` }, key)
  }

  async stored(store: TokenStoreAdapter, key = this.key): Promise<Token | undefined> {
    const record = await store.read(this.storeKey(key))
    return record && restoreToken(JSON.parse(record.value).token)
  }

  /** What has to hold after every fault: nothing presented twice at once, nothing lost, everybody alive. */
  async expectSound(
    store: TokenStoreAdapter,
    { keys = [this.key], workers = [] }: { readonly keys?: string[]; readonly workers?: Worker[] } = {},
  ): Promise<void> {
    expect(this.presentations.atOnce).toBe(0)
    for (const key of keys) {
      const newest = this.presentations.newest(this.#firstRefreshTokens.get(key) ?? "")
      expect((await this.stored(store, key))?.refreshToken).toBe(newest)
    }
    for (const worker of workers) expect(worker.faults).toEqual([])
  }
}
