/** `createMockServer`: one provider, its engine, and the handles that a test has on it. */
import { createApprovals } from "./approval.js"
import { type Authorize, createAuthorize } from "./authorize.js"
import { type Clock, createClock } from "./clock.js"
import { basePath, createEngine } from "./engine.js"
import { listFamilies, revoke, revokeFamily, type TokenFamily } from "./families.js"
import { createFaults, type Faults } from "./faults.js"
import { createFetchMount } from "./fetch-mount.js"
import type { Finding } from "./finding.js"
import { createGrants } from "./grants.js"
import { lint } from "./lint.js"
import { createLog, type LogEntry } from "./log.js"
import { type MockServerOptions, resolveOptions } from "./options.js"
import type { Provider } from "./provider.js"
import { createRandom } from "./random.js"
import { createSocketMount, type ListenOptions, type SocketMount } from "./socket-mount.js"
import { transcript } from "./transcript.js"

type AsyncDisposeSymbol = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? S
  : never

/** `AsyncDisposable`, as far as the reader's own `lib` knows it: without it there is no `await using` either. */
type Disposal = { readonly [S in AsyncDisposeSymbol]: () => Promise<void> }

export interface MockServer extends Disposal {
  /** Base URL, ending in `/v3`. Before `listen` it leads nowhere but into `fetch`. */
  readonly url: string
  readonly clock: Clock
  readonly faults: Faults
  /** A code without a browser, and what the next visitors do. */
  readonly authorize: Authorize
  /** What happened, oldest first; bounded by `logSize`. */
  readonly log: readonly LogEntry[]
  /** Every grant with the tokens that descend from it, oldest first. */
  readonly families: readonly TokenFamily[]
  /** The server as a function; takes what the global `fetch` takes, whatever the host. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Opens a socket; the same state then answers there and in `fetch`. */
  listen(options?: ListenOptions): Promise<MockServer>
  /** One access or refresh token is dead from now on; its family lives. */
  revoke(token: string): void
  /** Every token of a family is dead from now on, named by its id or any of its tokens. */
  revokeFamily(idOrToken: string): void
  /** What the client did wrong, by the log, each with the section that says so. */
  lint(): readonly Finding[]
  /** The log as text without secrets: equal ones get equal placeholders. */
  transcript(): string
  /** Calls back with every new log entry; the result ends that. */
  subscribe(listener: (entry: LogEntry) => void): () => void
  /** As newly created: no grants, no log, no faults, the clock as at first. The socket stays. */
  reset(): void
  /** Frees the port and ends every connection at once, half-open ones too. Can be called again. */
  close(): Promise<void>
}

const inProcessOrigin = "http://mock.localhost"

/**
 * A provider for tests: the OAuth 2.0 endpoints of Ellipsis Drive, as strict as documented.
 * Does no work before its first request; fails with an `OptionError`.
 *
 * @example
 * await using server = createMockServer()
 * const { code } = server.authorize({ clientId: "demo-app" })
 * await server.fetch(`${server.url}/oauth/token`, { method: "POST", body: new URLSearchParams({ … }) })
 */
export const createMockServer = (options?: MockServerOptions): MockServer => {
  const settings = resolveOptions(options)
  const provider: Provider = {
    settings,
    clock: createClock(settings.now),
    grants: createGrants(createRandom(settings.seed)),
    log: createLog(settings.logSize),
    approvals: createApprovals(settings),
  }
  const { clock, grants, log, approvals } = provider
  const faults = createFaults()
  const engine = createEngine(provider, faults)
  const mount = createFetchMount(engine)
  let socket: Promise<SocketMount> | undefined
  let origin = inProcessOrigin
  let closing: Promise<void> | undefined

  const close = (): Promise<void> => {
    closing ??= (async () => {
      mount.close()
      clock.stop()
      const bound = await socket?.catch(() => undefined)
      await bound?.close()
    })()
    return closing
  }

  const server: MockServer = {
    get url() {
      return origin + basePath
    },
    clock,
    faults,
    authorize: createAuthorize(provider),
    log: log.entries,
    get families() {
      return listFamilies(provider)
    },
    fetch: mount.fetch,
    listen: async (listenOptions) => {
      if (closing !== undefined) throw new Error("listen: this mock server is closed; create another one")
      if (socket !== undefined) throw new Error(`listen: this mock server already listens, at ${origin}`)
      socket = createSocketMount(engine, listenOptions)
      try {
        origin = (await socket).origin
      } catch (error) {
        socket = undefined
        throw error
      }
      return server
    },
    revoke: (token) => revoke(provider, token),
    revokeFamily: (idOrToken) => revokeFamily(provider, idOrToken),
    lint: () => lint(log.entries, settings),
    transcript: () => transcript(log.entries),
    subscribe: log.subscribe,
    reset: () => {
      faults.clear()
      approvals.clear()
      grants.clear()
      log.clear()
      clock.reset()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return server
}
