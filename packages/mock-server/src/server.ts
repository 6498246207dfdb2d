/** `createMockServer`: one provider, its engine, and the handles that a test has on it. */

import { createClock } from "./common/clock.js"
import { createNews } from "./common/news.js"
import { createRandom } from "./common/random.js"
import { createDesk } from "./desk.js"
import { basePath, createEngine } from "./engine.js"
import { createFaults } from "./faults/faults.js"
import { createApprovals } from "./grants/approval.js"
import { createAuthorize } from "./grants/authorize.js"
import { listFamilies, revoke, revokeFamily } from "./grants/families.js"
import { createGrants } from "./grants/grants.js"
import { lint } from "./log/lint.js"
import { createLog } from "./log/log.js"
import { transcript } from "./log/transcript.js"
import { createFetchMount } from "./mounts/fetch-mount.js"
import { createSocketMount, type ListenOptions, type SocketMount } from "./mounts/socket-mount.js"
import { type MockServerOptions, resolveOptions } from "./options.js"
import type { Provider } from "./provider.js"
import type { Controls } from "./remote/controls.js"

type AsyncDisposeSymbol = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? S
  : never

/** `AsyncDisposable`, as far as the reader's own `lib` knows it: without it there is no `await using` either. */
type Disposal = { readonly [S in AsyncDisposeSymbol]: () => Promise<void> }

export interface MockServer extends Disposal, Controls {
  /** The server as a function; takes what the global `fetch` takes, whatever the host. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Opens a socket; the same state then answers there and in `fetch`. */
  listen(options?: ListenOptions): Promise<MockServer>
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
  const news = createNews()
  const provider: Provider = {
    settings,
    clock: createClock(settings.now, news.tell),
    grants: createGrants(createRandom(settings.seed)),
    log: createLog(settings.logSize),
    approvals: createApprovals(settings),
  }
  const { clock, grants, log, approvals } = provider
  const faults = createFaults()
  const engine = createEngine(provider, faults)
  const desk = createDesk({ engine, provider, news, controls: () => server, origin: () => origin })
  const mount = createFetchMount(desk)
  let socket: Promise<SocketMount> | undefined
  let origin = inProcessOrigin
  let closing: Promise<void> | undefined
  log.subscribe(news.tell)

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
      socket = createSocketMount(desk, listenOptions)
      try {
        origin = (await socket).origin
      } catch (error) {
        socket = undefined
        throw error
      }
      return server
    },
    revoke: (token) => {
      revoke(provider, token)
      news.tell()
    },
    revokeFamily: (idOrToken) => {
      revokeFamily(provider, idOrToken)
      news.tell()
    },
    lint: () => lint(log.entries, settings),
    transcript: () => transcript(log.entries),
    subscribe: log.subscribe,
    reset: () => {
      faults.clear()
      approvals.clear()
      grants.clear()
      log.clear()
      clock.reset()
      news.restart()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return server
}
